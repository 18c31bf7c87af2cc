-- Made-up databases of five agencies, each in a schema of its own: SELECT generate(400) fills them, always with the same rows.
-- Every fiftieth row has a code with a wrong check digit. Check digits are computed here, apart from the program.

CREATE SEQUENCE change_numbers;

-- Numbers rise in the order of commits: whoever numbers a change holds the lock until the end of its transaction. Without it a
-- slow transaction would put a lower number behind a push that has gone on.
CREATE FUNCTION number_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(TG_RELID::bigint);
    NEW.change_no := nextval('change_numbers');
    RETURN NEW;
END $$;

CREATE FUNCTION organisation_code(n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT body || CASE 11 - total % 11 WHEN 10 THEN 'X' WHEN 11 THEN '0' ELSE (11 - total % 11)::text END
    FROM (SELECT body, sum(substr(body, i, 1)::int * ('{3,7,9,10,5,8,4,2}'::int[])[i]) AS total
          FROM (SELECT lpad(n::text, 8, '0') AS body) AS b, generate_series(1, 8) AS i GROUP BY body) AS t
$$;

CREATE FUNCTION credit_code(head text, n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT body || substr(alphabet, ((31 - total % 31) % 31)::int + 1, 1)
    FROM (SELECT body, alphabet, sum((strpos(alphabet, substr(body, i, 1)) - 1)
              * ('{1,3,9,27,19,26,16,17,20,29,25,13,8,24,10,30,28}'::int[])[i]) AS total
          FROM (SELECT head || '650203' || organisation_code(n) AS body,
                    '0123456789ABCDEFGHJKLMNPQRTUWXY'::text AS alphabet) AS b,
              generate_series(1, 17) AS i GROUP BY body, alphabet) AS t
$$;

CREATE FUNCTION citizen_number(n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT body || substr('10X98765432', (total % 11)::int + 1, 1)
    FROM (SELECT body, sum(substr(body, i, 1)::int * ('{7,9,10,5,8,4,2,1,6,3,7,9,10,5,8,4,2}'::int[])[i]) AS total
          FROM (SELECT '650203' || to_char(date '1960-01-01' + (n * 37 % 14000)::int, 'YYYYMMDD')
                    || lpad((n % 1000)::text, 3, '0') AS body) AS b,
              generate_series(1, 17) AS i GROUP BY body) AS t
$$;

-- Turns the last character into another one: the check fails.
CREATE FUNCTION broken(code text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT left(code, -1) || CASE right(code, 1) WHEN '7' THEN '8' ELSE '7' END
$$;

CREATE FUNCTION checked_or_broken(code text, n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN n % 50 = 0 THEN broken(code) ELSE code END
$$;

CREATE FUNCTION person_name(n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT substr('王李张刘陈杨黄赵吴周', (n % 10)::int + 1, 1) || substr('建志海春秀玉文明国永', (n / 10 % 10)::int + 1, 1)
        || substr('军强华梅芳平勇霞峰龙', (n / 100 % 10)::int + 1, 1)
$$;

CREATE FUNCTION company_name(n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT '克拉玛依' || (ARRAY['恒达', '天山', '准噶尔', '黑油山', '金龙'])[n % 5 + 1] || n || '号商贸有限公司'
$$;

CREATE SCHEMA business_registry;
CREATE TABLE business_registry.companies (
    id bigint PRIMARY KEY, change_no bigint NOT NULL UNIQUE, name text NOT NULL, credit_code text NOT NULL,
    region text NOT NULL);

CREATE SCHEMA police;
CREATE TABLE police.penalties (
    id bigint PRIMARY KEY, change_no bigint NOT NULL UNIQUE, person_name text NOT NULL, citizen_no text NOT NULL,
    document_no text NOT NULL, violation text NOT NULL, facts text NOT NULL, grounds text NOT NULL, kinds text NOT NULL,
    fine_yuan numeric(12, 2), procedure text NOT NULL, conducted_on date NOT NULL, decided_on date NOT NULL,
    valid_to date NOT NULL, published_to date NOT NULL);

CREATE SCHEMA food_drug;
CREATE TABLE food_drug.permits (
    id bigint PRIMARY KEY, change_no bigint NOT NULL UNIQUE, holder text NOT NULL, holder_kind text NOT NULL,
    credit_code text NOT NULL, document_no text NOT NULL, content text NOT NULL, place text NOT NULL,
    decided_on date NOT NULL, valid_from date NOT NULL, valid_to date NOT NULL, status smallint NOT NULL);

CREATE SCHEMA local_tax;
CREATE TABLE local_tax.arrears (
    id bigint PRIMARY KEY, change_no bigint NOT NULL UNIQUE, taxpayer text NOT NULL, credit_code text NOT NULL,
    account_no text NOT NULL, tax text NOT NULL, period_from date NOT NULL, period_to date NOT NULL, due_on date NOT NULL,
    owed_yuan numeric(14, 2) NOT NULL, owed_total_yuan numeric(14, 2) NOT NULL, recognised_on date NOT NULL);

CREATE SCHEMA mining_services;
CREATE TABLE mining_services.heating (
    id bigint PRIMARY KEY, change_no bigint NOT NULL UNIQUE, customer text NOT NULL, customer_kind text NOT NULL,
    credit_code text, citizen_no text, account_no text NOT NULL, premises text NOT NULL, season text NOT NULL,
    period_from date NOT NULL, period_to date NOT NULL, due_on date NOT NULL, owed_fen bigint NOT NULL,
    area_m2 numeric(8, 2) NOT NULL, recognised_on date NOT NULL);

CREATE TRIGGER number_change BEFORE INSERT OR UPDATE ON business_registry.companies
    FOR EACH ROW EXECUTE FUNCTION number_change();
CREATE TRIGGER number_change BEFORE INSERT OR UPDATE ON police.penalties
    FOR EACH ROW EXECUTE FUNCTION number_change();
CREATE TRIGGER number_change BEFORE INSERT OR UPDATE ON food_drug.permits
    FOR EACH ROW EXECUTE FUNCTION number_change();
CREATE TRIGGER number_change BEFORE INSERT OR UPDATE ON local_tax.arrears
    FOR EACH ROW EXECUTE FUNCTION number_change();
CREATE TRIGGER number_change BEFORE INSERT OR UPDATE ON mining_services.heating
    FOR EACH ROW EXECUTE FUNCTION number_change();

CREATE FUNCTION generate(rows bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO business_registry.companies
    SELECT n, 0, company_name(n), checked_or_broken(credit_code('91', 10000 + n), n), '650203'
    FROM generate_series(1, rows) AS n;

    INSERT INTO police.penalties
    SELECT n, 0, person_name(n), checked_or_broken(citizen_number(n), n), '克公（治）行罚决字〔2025〕' || n || '号',
        '殴打他人', '2025年' || n % 9 + 1 || '月在公共场所殴打他人，情节较轻', '《治安管理处罚法》第四十三条',
        CASE n % 2 WHEN 0 THEN '罚款' ELSE '罚款；警告' END, 200 + n % 300, '普通程序', date '2025-01-05' + (n % 200)::int,
        date '2025-01-20' + (n % 200)::int, date '2029-01-20' + (n % 200)::int, date '2026-01-20' + (n % 200)::int
    FROM generate_series(1, rows) AS n;

    INSERT INTO food_drug.permits
    SELECT n, 0, CASE n % 3 WHEN 0 THEN '克拉玛依区' || n || '号拌面馆' ELSE company_name(n) END,
        CASE n % 3 WHEN 0 THEN '个体工商户' ELSE '企业' END,
        checked_or_broken(CASE n % 3 WHEN 0 THEN credit_code('92', 50000 + n) ELSE credit_code('91', 10000 + n) END, n),
        'JY265020' || lpad(n::text, 6, '0'), '热食类食品制售', '克拉玛依区迎宾路' || n || '号',
        date '2025-02-01' + (n % 100)::int, date '2025-02-01' + (n % 100)::int, date '2030-01-31' + (n % 100)::int, 1
    FROM generate_series(1, rows) AS n;

    INSERT INTO local_tax.arrears
    SELECT n, 0, company_name(n), checked_or_broken(credit_code('91', 10000 + n), n), 'T' || lpad(n::text, 8, '0'),
        CASE n % 2 WHEN 0 THEN '增值税' ELSE '企业所得税' END, date '2025-01-01', date '2025-03-31', date '2025-04-15',
        1000 + n + 0.37, 2000 + n + 0.74, date '2025-05-20'
    FROM generate_series(1, rows) AS n;

    INSERT INTO mining_services.heating
    SELECT n, 0, CASE n % 2 WHEN 0 THEN company_name(n) ELSE person_name(n) END,
        CASE n % 2 WHEN 0 THEN '单位' ELSE '居民' END,
        CASE n % 2 WHEN 0 THEN checked_or_broken(credit_code('91', 10000 + n), n) END,
        CASE n % 2 WHEN 1 THEN citizen_number(n) END, 'H' || lpad(n::text, 8, '0'), '白碱滩区中兴路' || n || '栋',
        '2024-2025', date '2024-10-15', date '2025-04-15', date '2025-01-31', 150000 + n, 80 + n % 40 + 0.5,
        date '2025-05-20'
    FROM generate_series(1, rows) AS n;
$$;
