//! Due dates in words.

use super::{DueDate, TermLength, Unit};
use crate::fault::Sentence;

impl TermLength {
    /// The term in words, for example `7 working days`.
    pub fn sentence(&self) -> Sentence {
        let n = self.length();
        let s = if n == 1 { "" } else { "s" };
        match self.unit() {
            Unit::Immediate => Sentence::new("当即", "at once"),
            Unit::WorkingDay => {
                Sentence::new(format!("{n}个工作日"), format!("{n} working day{s}"))
            }
            Unit::CalendarDay => Sentence::new(format!("{n}日"), format!("{n} day{s}")),
            Unit::Month => Sentence::new(format!("{n}个月"), format!("{n} month{s}")),
        }
    }
}

impl DueDate {
    /// The answer and its reasons in one sentence.
    pub fn sentence(&self) -> Sentence {
        let why = &self.explanation;
        let (term, trigger, last) = (why.term.sentence(), why.trigger, self.last_day);
        if why.term.unit() == Unit::Immediate {
            let zh = format!("{trigger} 当即办理");
            return Sentence::new(zh, format!("at once, on {trigger}"));
        }
        let mut zh = format!("自 {trigger} 的次日起算 {}，至 {last} 24时止", term.zh);
        let mut en = format!(
            "{} from the day after {trigger}: to the end of {last}",
            term.en
        );
        let (skipped, made_up) = (why.skipped.len(), why.made_up.len());
        if skipped > 0 {
            zh.push_str(&format!("，不计休息日 {skipped} 天"));
            en.push_str(&format!(", rest days left out: {skipped}"));
        }
        if made_up > 0 {
            zh.push_str(&format!("，计入调休工作日 {made_up} 天"));
            en.push_str(&format!(", make-up working days counted: {made_up}"));
        }
        for open in &self.provisional {
            let open = open.sentence();
            zh.push_str(&format!("；暂定：{}", open.zh));
            en.push_str(&format!("; provisional: {}", open.en));
        }
        Sentence::new(zh, en)
    }
}
