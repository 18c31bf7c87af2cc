//! The recipient's tables. What a page says and how far it goes is one transaction, so that a kill leaves either both or
//! neither.

use super::page::{Entry, Frame, Listing, Page, Record, Subject};
use super::recipient::Recipient;
use crate::command::Failed;
use crate::command::database::{Database, told};
use probity_types::{Position, RecordId, SubjectId};
use sqlx::postgres::{PgConnection, Postgres};
use sqlx::{AssertSqlSafe, Connection, Row as _, Transaction};

/// Most withdrawals of one receipt.
pub(super) const RECEIPT_WITHDRAWALS_MAX: i64 = 4096;

/// How far the recipient's database has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    /// Id of the log.
    pub(super) log: String,
    /// First position that is not applied.
    pub(super) next: i64,
    /// Hash of the entry before it.
    pub(super) entry_hash: Option<String>,
    /// Last position with a frame of its scope.
    pub(super) applied: i64,
    /// Last position acknowledged.
    pub(super) acknowledged: i64,
}

/// The recipient's database with the names of its tables.
pub(super) struct Tables {
    database: Database,
    id: String,
    records: String,
    listings: String,
}

/// A position as the database holds it.
fn wide(position: Position) -> Result<i64, Failed> {
    i64::try_from(position.0).map_err(|_| Failed::not_run("position > 2^63"))
}

fn schema(records: &str, listings: &str) -> String {
    format!(
        "CREATE TABLE IF NOT EXISTS {records} (
            record_id text PRIMARY KEY, subject_id text NOT NULL, subject_kind text NOT NULL, subject_name text,
            subject_code text, category text NOT NULL, subcategory text NOT NULL, role text NOT NULL,
            authority text NOT NULL, decided_on date NOT NULL, effective_from date NOT NULL, effective_to date,
            state text NOT NULL CHECK (state IN ('in_force', 'corrected', 'voided', 'annulled', 'ended', 'erased')),
            fields jsonb NOT NULL, revision bigint NOT NULL, position bigint NOT NULL, read_at bigint NOT NULL);
        CREATE TABLE IF NOT EXISTS {listings} (
            listing_id text PRIMARY KEY, subject_id text NOT NULL, subject_kind text NOT NULL, subject_name text,
            subject_code text, list text NOT NULL, authority text NOT NULL, listed_on date, until date, ended_on date,
            state text NOT NULL CHECK (state IN ('in_force', 'ended', 'erased')),
            position bigint NOT NULL, read_at bigint NOT NULL);
        CREATE TABLE IF NOT EXISTS probity_follow_state (
            recipient text PRIMARY KEY, log text NOT NULL, next bigint NOT NULL, entry_hash text,
            applied bigint NOT NULL, acknowledged bigint NOT NULL);
        CREATE TABLE IF NOT EXISTS probity_follow_withdrawals (
            recipient text NOT NULL, position bigint NOT NULL, is_acknowledged boolean NOT NULL DEFAULT false,
            PRIMARY KEY (recipient, position));
        CREATE TABLE IF NOT EXISTS probity_follow_gaps (
            recipient text NOT NULL, first bigint NOT NULL, next bigint NOT NULL, PRIMARY KEY (recipient, first))"
    )
}

impl Tables {
    /// Connects, and lays the tables out where they are missing.
    ///
    /// # Errors
    /// The database refuses.
    pub(super) fn open(address: &str, recipient: &Recipient, log: &str) -> Result<Self, Failed> {
        let mut database = Database::connect(address)?;
        let (records, listings) = (&recipient.records_table, &recipient.listings_table);
        let Database {
            runtime,
            connection,
        } = &mut database;
        runtime.block_on(async {
            sqlx::raw_sql(AssertSqlSafe(schema(records, listings)))
                .execute(&mut *connection)
                .await
                .map_err(|error| told(&error))?;
            let begin = "INSERT INTO probity_follow_state VALUES ($1, $2, 0, NULL, -1, -1) ON CONFLICT DO NOTHING";
            sqlx::query(begin)
                .bind(&recipient.id)
                .bind(log)
                .execute(&mut *connection)
                .await
                .map_err(|error| told(&error))
        })?;
        Ok(Self {
            database,
            id: recipient.id.clone(),
            records: records.clone(),
            listings: listings.clone(),
        })
    }

    /// How far it has come.
    ///
    /// # Errors
    /// The database gave no answer.
    pub(super) fn mark(&mut self) -> Result<Mark, Failed> {
        let Database {
            runtime,
            connection,
        } = &mut self.database;
        runtime
            .block_on(read_mark(connection, &self.id, false))
            .map_err(|error| told(&error))
    }

    /// Applies a page and moves on, or does neither. `mark` is what the page was asked for with.
    ///
    /// # Errors
    /// The database refuses, or somebody else moved it on.
    pub(super) fn apply(&mut self, page: &Page, mark: &Mark) -> Result<(), Failed> {
        let next = wide(page.next)?;
        let work = Work::of(self, page)?;
        let Database {
            runtime,
            connection,
        } = &mut self.database;
        runtime.block_on(async {
            let mut transaction = connection.begin().await.map_err(|error| told(&error))?;
            let held = read_mark(&mut transaction, &work.id, true).await;
            if held.map_err(|error| told(&error))? != *mark {
                return Err(Failed::not_run(
                    "另一进程正在更新同一接收库 · another process is moving the same recipient on",
                ));
            }
            let done = async {
                let applied = work.frames(&mut transaction, &page.frames).await?;
                let moved = "UPDATE probity_follow_state SET next = $2, entry_hash = $3, \
                    applied = greatest(applied, $4) WHERE recipient = $1";
                sqlx::query(moved)
                    .bind(&work.id)
                    .bind(next)
                    .bind(&page.entry_hash)
                    .bind(applied)
                    .execute(&mut *transaction)
                    .await?;
                transaction.commit().await
            };
            done.await.map_err(|error: sqlx::Error| told(&error))
        })
    }

    /// Positions that pages left out.
    ///
    /// # Errors
    /// The database gave no answer.
    pub(super) fn gaps(&mut self) -> Result<Vec<(i64, i64)>, Failed> {
        let Database {
            runtime,
            connection,
        } = &mut self.database;
        let read =
            "SELECT first, next FROM probity_follow_gaps WHERE recipient = $1 ORDER BY first";
        let rows = sqlx::query(read).bind(&self.id).fetch_all(connection);
        let rows = runtime.block_on(rows).map_err(|error| told(&error))?;
        let pair = |row: &sqlx::postgres::PgRow| Ok((row.try_get(0)?, row.try_get(1)?));
        let pairs: Result<_, sqlx::Error> = rows.iter().map(pair).collect();
        pairs.map_err(|error| told(&error))
    }

    /// Applies a page that was left out before, and forgets that it was, as far as it no longer is.
    ///
    /// # Errors
    /// The database refuses.
    pub(super) fn fill(&mut self, page: &Page, gap: (i64, i64)) -> Result<(), Failed> {
        let next = wide(page.next)?;
        let work = Work::of(self, page)?;
        let Database {
            runtime,
            connection,
        } = &mut self.database;
        let done = runtime.block_on(async {
            let mut transaction = connection.begin().await?;
            let forget = "DELETE FROM probity_follow_gaps WHERE recipient = $1 AND first = $2";
            sqlx::query(forget)
                .bind(&work.id)
                .bind(gap.0)
                .execute(&mut *transaction)
                .await?;
            if next < gap.1 {
                work.gap(&mut transaction, (next, gap.1)).await?;
            }
            let applied = work.frames(&mut transaction, &page.frames).await?;
            let moved = "UPDATE probity_follow_state SET applied = greatest(applied, $2) WHERE recipient = $1";
            sqlx::query(moved)
                .bind(&work.id)
                .bind(applied)
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await
        });
        done.map_err(|error: sqlx::Error| told(&error))
    }

    /// Withdrawals that are applied and not acknowledged, oldest first.
    ///
    /// # Errors
    /// The database gave no answer.
    pub(super) fn unacknowledged(&mut self) -> Result<Vec<i64>, Failed> {
        let Database {
            runtime,
            connection,
        } = &mut self.database;
        let read = "SELECT position FROM probity_follow_withdrawals WHERE recipient = $1 AND NOT is_acknowledged \
            ORDER BY position LIMIT $2";
        let positions = sqlx::query_scalar(read)
            .bind(&self.id)
            .bind(RECEIPT_WITHDRAWALS_MAX)
            .fetch_all(connection);
        runtime.block_on(positions).map_err(|error| told(&error))
    }

    /// Notes that the register has the receipt.
    ///
    /// # Errors
    /// The database refuses.
    pub(super) fn acknowledged(&mut self, position: i64) -> Result<(), Failed> {
        let Database {
            runtime,
            connection,
        } = &mut self.database;
        let done = runtime.block_on(async {
            let mut transaction = connection.begin().await?;
            for text in [
                "UPDATE probity_follow_withdrawals SET is_acknowledged = true WHERE recipient = $1 AND position <= $2",
                "UPDATE probity_follow_state SET acknowledged = greatest(acknowledged, $2) WHERE recipient = $1",
            ] {
                sqlx::query(text)
                    .bind(&self.id)
                    .bind(position)
                    .execute(&mut *transaction)
                    .await?;
            }
            transaction.commit().await
        });
        done.map_err(|error: sqlx::Error| told(&error))
    }
}

async fn read_mark(
    connection: &mut PgConnection,
    id: &str,
    locked: bool,
) -> Result<Mark, sqlx::Error> {
    let text = if locked {
        "SELECT log, next, entry_hash, applied, acknowledged FROM probity_follow_state WHERE recipient = $1 FOR UPDATE"
    } else {
        "SELECT log, next, entry_hash, applied, acknowledged FROM probity_follow_state WHERE recipient = $1"
    };
    let row = sqlx::query(text).bind(id).fetch_one(connection).await?;
    Ok(Mark {
        log: row.try_get(0)?,
        next: row.try_get(1)?,
        entry_hash: row.try_get(2)?,
        applied: row.try_get(3)?,
        acknowledged: row.try_get(4)?,
    })
}

type Open<'c> = Transaction<'c, Postgres>;

/// What one page asks of the tables.
struct Work {
    id: String,
    records: String,
    listings: String,
    read_at: i64,
}

impl Work {
    fn of(tables: &Tables, page: &Page) -> Result<Self, Failed> {
        Ok(Self {
            id: tables.id.clone(),
            records: tables.records.clone(),
            listings: tables.listings.clone(),
            read_at: wide(page.position)?,
        })
    }

    /// Applies frames; the last position of the recipient's scope among them, -1 where there is none.
    async fn frames(&self, open: &mut Open<'_>, frames: &[Frame]) -> Result<i64, sqlx::Error> {
        let mut applied = -1;
        for frame in frames {
            let entry = match frame {
                Frame::Batch {} => continue,
                Frame::Gap { from, resumes_at } => {
                    let gap = (place(*from)?, place(*resumes_at)?);
                    self.gap(open, gap).await?;
                    continue;
                }
                Frame::Record {
                    entry,
                    subject,
                    record,
                } => {
                    self.record(open, (entry, subject, record)).await?;
                    entry
                }
                Frame::Listing {
                    entry,
                    subject,
                    listing,
                } => {
                    self.listing(open, (entry, subject, listing)).await?;
                    entry
                }
                Frame::Erasure {
                    entry,
                    subject,
                    records,
                } => {
                    self.erase(open, *subject, records).await?;
                    entry
                }
            };
            let position = place(entry.position)?;
            applied = applied.max(position);
            if entry.is_withdrawal {
                let note =
                    "INSERT INTO probity_follow_withdrawals VALUES ($1, $2) ON CONFLICT DO NOTHING";
                sqlx::query(note)
                    .bind(&self.id)
                    .bind(position)
                    .execute(&mut **open)
                    .await?;
            }
        }
        Ok(applied)
    }

    async fn gap(&self, open: &mut Open<'_>, (first, next): (i64, i64)) -> Result<(), sqlx::Error> {
        let note = "INSERT INTO probity_follow_gaps VALUES ($1, $2, $3) \
            ON CONFLICT (recipient, first) DO UPDATE SET next = greatest(probity_follow_gaps.next, excluded.next)";
        let query = sqlx::query(note).bind(&self.id).bind(first).bind(next);
        query.execute(&mut **open).await.map(|_| ())
    }

    async fn record(
        &self,
        open: &mut Open<'_>,
        (entry, subject, record): (&Entry, &Subject, &Record),
    ) -> Result<(), sqlx::Error> {
        let table = &self.records;
        // A page that was read later says more, whatever entry its frame stands for.
        let text = format!(
            "INSERT INTO {table} AS held VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::date, $11::date, $12::date, $13,
                $14::jsonb, $15, $16, $17)
            ON CONFLICT (record_id) DO UPDATE SET (subject_name, subject_code, role, authority, decided_on,
                effective_from, effective_to, state, fields, revision, position, read_at) =
                (excluded.subject_name, excluded.subject_code, excluded.role, excluded.authority, excluded.decided_on,
                excluded.effective_from, excluded.effective_to, excluded.state, excluded.fields, excluded.revision,
                greatest(held.position, excluded.position), excluded.read_at)
            WHERE excluded.read_at >= held.read_at"
        );
        let state = record.state();
        // Nobody keeps data after a withdrawal.
        let is_gone = matches!(state, "voided" | "annulled" | "erased");
        let fields = if is_gone {
            "{}".to_owned()
        } else {
            record.fields().to_string()
        };
        sqlx::query(AssertSqlSafe(text))
            .bind(record.id.to_string())
            .bind(subject.id.to_string())
            .bind(&subject.kind)
            .bind(subject.name.as_deref().filter(|_| !is_gone))
            .bind(subject.code().filter(|_| !is_gone))
            .bind(&record.category)
            .bind(record.subcategory())
            .bind(&record.role)
            .bind(&record.authority)
            .bind(&record.decided_on)
            .bind(&record.effective_from)
            .bind(&record.effective_to)
            .bind(state)
            .bind(fields)
            .bind(place(record.revision)?)
            .bind(place(entry.position)?)
            .bind(self.read_at)
            .execute(&mut **open)
            .await
            .map(|_| ())
    }

    async fn listing(
        &self,
        open: &mut Open<'_>,
        (entry, subject, listing): (&Entry, &Subject, &Listing),
    ) -> Result<(), sqlx::Error> {
        let table = &self.listings;
        let text = format!(
            "INSERT INTO {table} AS held VALUES ($1, $2, $3, $4, $5, $6, $7, $8::date, $9::date, $10::date, $11, $12, $13)
            ON CONFLICT (listing_id) DO UPDATE SET (subject_name, subject_code, until, ended_on, state, position, read_at) =
                (excluded.subject_name, excluded.subject_code, excluded.until, excluded.ended_on, excluded.state,
                greatest(held.position, excluded.position), excluded.read_at)
            WHERE excluded.read_at >= held.read_at"
        );
        sqlx::query(AssertSqlSafe(text))
            .bind(listing.id.to_string())
            .bind(subject.id.to_string())
            .bind(&subject.kind)
            .bind(&subject.name)
            .bind(subject.code())
            .bind(listing.list())
            .bind(&listing.authority)
            .bind(&listing.listed_on)
            .bind(&listing.until)
            .bind(&listing.ended_on)
            .bind(listing.state())
            .bind(place(entry.position)?)
            .bind(self.read_at)
            .execute(&mut **open)
            .await
            .map(|_| ())
    }

    async fn erase(
        &self,
        open: &mut Open<'_>,
        subject: Option<SubjectId>,
        records: &[RecordId],
    ) -> Result<(), sqlx::Error> {
        let (table, listings) = (&self.records, &self.listings);
        let ids: Vec<String> = records.iter().map(ToString::to_string).collect();
        let text = format!(
            "UPDATE {table} SET fields = '{{}}', subject_name = NULL, subject_code = NULL, state = 'erased'
            WHERE record_id = ANY($1)"
        );
        let query = sqlx::query(AssertSqlSafe(text)).bind(ids);
        query.execute(&mut **open).await?;
        let Some(subject) = subject else {
            return Ok(());
        };
        for text in [
            format!(
                "UPDATE {table} SET subject_name = NULL, subject_code = NULL WHERE subject_id = $1"
            ),
            format!(
                "UPDATE {listings} SET subject_name = NULL, subject_code = NULL, state = 'erased' WHERE subject_id = $1"
            ),
        ] {
            let query = sqlx::query(AssertSqlSafe(text)).bind(subject.to_string());
            query.execute(&mut **open).await?;
        }
        Ok(())
    }
}

/// A position as the database holds it.
fn place(position: Position) -> Result<i64, sqlx::Error> {
    i64::try_from(position.0).map_err(|error| sqlx::Error::Encode(error.into()))
}
