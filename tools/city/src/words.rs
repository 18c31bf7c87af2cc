//! Word lists. Names of organisations hold 演示 and are put together so that nobody can take them for a real one; names of
//! persons come from a few dozen common parts.

/// First syllables of trade names; none is a surname in common use, so that no trade name reads as a person's.
pub(crate) const TRADE_FIRST: [&str; 40] = [
    "鼎", "恒", "瑞", "晟", "泰", "盛", "宏", "昌", "隆", "祥", "融", "达", "通", "汇", "源", "丰",
    "茂", "裕", "顺", "安", "信", "诚", "正", "嘉", "佳", "益", "利", "锦", "辉", "腾", "远", "广",
    "博", "新", "天", "大", "中", "联", "合", "众",
];
/// Second syllables of trade names.
pub(crate) const TRADE_SECOND: [&str; 41] = [
    "海", "峰", "原", "川", "洋", "泉", "石", "岩", "林", "木", "禾", "谷", "田", "城", "都", "域",
    "疆", "漠", "洲", "河", "湖", "星", "辰", "云", "光", "虹", "翔", "飞", "鹏", "鹰", "骏", "捷",
    "创", "业", "工", "科", "技", "智", "能", "力", "动",
];
/// What a firm does, in the order of the catalogue's industries.
pub(crate) const TRADES: [&str; 18] = [
    "餐饮管理",
    "能源供应",
    "房地产开发",
    "生活服务",
    "建筑工程",
    "教育咨询",
    "石油技术",
    "机械制造",
    "商贸",
    "物流",
    "信息科技",
    "融资担保",
    "食品",
    "医疗服务",
    "农业发展",
    "文化旅游",
    "商务咨询",
    "环保科技",
];
/// Shops of sole traders, in the order of the catalogue's industries.
pub(crate) const SHOPS: [&str; 18] = [
    "餐馆",
    "水电维修部",
    "房屋租赁部",
    "洗衣店",
    "装修部",
    "文具店",
    "油品经销部",
    "五金加工部",
    "商行",
    "货运部",
    "手机店",
    "代办点",
    "食品店",
    "诊所",
    "果蔬店",
    "旅游用品店",
    "打印部",
    "回收站",
];
/// Kinds of unincorporated organisations.
pub(crate) const PARTNERSHIPS: [&str; 4] = [
    "律师事务所",
    "会计师事务所",
    "税务师事务所",
    "资产评估事务所",
];
/// Kinds of social organisations; the place tells the category of the credit code.
pub(crate) const SOCIAL: [&str; 3] = ["行业协会", "社会工作服务中心", "公益基金会"];
/// Kinds of government bodies and institutions; the place tells the category of the credit code.
pub(crate) const PUBLIC: [&str; 2] = ["综合管理局", "公共服务中心"];

/// Surnames in common use.
pub(crate) const SURNAMES: [&str; 40] = [
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林",
    "何", "郭", "马", "罗", "梁", "宋", "郑", "谢", "韩", "唐", "冯", "于", "董", "萧", "程", "曹",
    "袁", "邓", "许", "傅", "沈", "曾", "彭", "吕",
];
/// Characters of given names.
pub(crate) const GIVEN: [&str; 40] = [
    "伟", "芳", "娜", "秀", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛",
    "明", "超", "兰", "霞", "平", "刚", "桂", "英", "华", "玉", "萍", "红", "建", "文", "辉", "力",
    "浩", "宇", "佳", "慧", "婷", "雪", "琳", "晨",
];
/// Rare characters of given names: CJK extension B (plane 2) and extension A, all in GB 18030.
pub(crate) const RARE: [&str; 6] = ["𠅤", "𡘙", "𣲘", "𦙶", "䶮", "㛃"];
/// Given names and fathers' names in the Uyghur style, as written in Chinese.
pub(crate) const UYGHUR: [&str; 20] = [
    "阿布都热合曼",
    "买买提",
    "艾力",
    "吐尔逊",
    "古丽",
    "阿依古丽",
    "热依汗",
    "库尔班",
    "依米提",
    "努尔麦麦提",
    "玉素甫",
    "帕提古丽",
    "艾山",
    "阿不都",
    "如仙古丽",
    "木塔力甫",
    "卡德尔",
    "迪丽努尔",
    "亚森",
    "伊敏",
];
/// Given names and fathers' names in the Kazakh style, as written in Chinese.
pub(crate) const KAZAKH: [&str; 14] = [
    "叶尔兰",
    "巴合提",
    "努尔兰",
    "阿依努尔",
    "哈那提",
    "加娜尔",
    "赛力克",
    "古丽娜尔",
    "木拉提",
    "叶尔波力",
    "沙吾列",
    "阿合买提",
    "托力肯",
    "达吾列提",
];

/// Names that many persons have on purpose: nothing may be attached to a name alone.
pub(crate) const NAMESAKES: [&str; 4] = ["王伟", "李娜", "艾力·买买提", "努尔兰·木拉提"];

/// Districts of the city: code, name (domain reference §3.7).
pub(crate) const DISTRICTS: [(&str, &str); 4] = [
    ("650202", "独山子区"),
    ("650203", "克拉玛依区"),
    ("650204", "白碱滩区"),
    ("650205", "乌尔禾区"),
];
/// Streets by district (domain reference §3.7); codes have 9 digits.
pub(crate) const STREETS: [&[&str]; 4] = [
    &["650202001", "650202002", "650202003"],
    &[
        "650203001",
        "650203002",
        "650203003",
        "650203004",
        "650203007",
        "650203008",
    ],
    &["650204001", "650204002"],
    &["650205001", "650205100"],
];
