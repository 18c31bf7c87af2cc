//! A PostgreSQL of an agency: connected to as asked, its errors told without a row's content or a password.

use super::Failed;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};
use std::str::FromStr;
use tokio::runtime::Runtime;

/// SQLSTATE of the errors that the arguments cause: their texts name roles, databases, tables and columns, never values.
const ABOUT_NAMES: [&str; 9] = [
    "28P01", "28000", "3D000", "3F000", "42P01", "42703", "42601", "42501", "42883",
];

/// A connection with the runtime that moves it.
pub(super) struct Database {
    pub(super) runtime: Runtime,
    pub(super) connection: PgConnection,
}

impl Database {
    /// Connects.
    ///
    /// # Errors
    /// The address does not read, or nobody there lets us in.
    pub(super) fn connect(address: &str) -> Result<Self, Failed> {
        let options = PgConnectOptions::from_str(address).map_err(|_| {
            Failed::not_run(
                "--database 应为 postgres://用户@主机/库 · --database takes postgres://user@host/database",
            )
        })?;
        // Statements hold no values, but their texts are nobody's business in a log.
        let options = options
            .application_name("probity")
            .disable_statement_logging();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failed::could_not(&error))?;
        let connected = runtime.block_on(PgConnection::connect_with(&options));
        let connection = connected.map_err(|error| told(&error))?;
        Ok(Self {
            runtime,
            connection,
        })
    }
}

/// A database error in words. A message that may repeat a value of a row is left out; its code is not.
pub(super) fn told(error: &sqlx::Error) -> Failed {
    let why = match error {
        sqlx::Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            let message = if ABOUT_NAMES.contains(&&*code) {
                error.message()
            } else {
                "see the log of the database"
            };
            format!("SQLSTATE {code}: {message}")
        }
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::Tls(_) => "the encrypted connection did not come about".to_owned(),
        sqlx::Error::ColumnDecode { index, .. } => format!("column {index} has another type"),
        sqlx::Error::WorkerCrashed | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => {
            "the connection is gone".to_owned()
        }
        _ => "the database gave no answer that reads".to_owned(),
    };
    Failed::not_run(format!("数据库 · database: {why}"))
}
