//! Documentation of the catalogue's parts. No function here is ever called.
#![allow(dead_code, reason = "the functions carry the text of the interface")]

use crate::query::AsOfQuery;
use crate::views::SubcategoryDetailView;

/// One subcategory
///
/// Every field that its records may carry, in the order of its form, with need, type, unit and code lists, and the
/// publication periods that they may come under.
#[utoipa::path(get, path = "/v1/catalogue/{subcategory}", tag = "read",
    params(("subcategory" = String, Path, description = "Code, for example `CF006`.", pattern = "^[A-Z]{2}[0-9]{3}$"),
        AsOfQuery),
    responses((status = 200, body = SubcategoryDetailView, description = "the subcategory",
        headers(("ETag" = String, description = "Of what the catalogue says; a conditional read answers 304.")))))]
fn read_subcategory() {}

/// The data dictionary
///
/// CSV in UTF-8 with a byte order mark: one line for each field of each subcategory.
#[utoipa::path(get, path = "/v1/catalogue/dictionary", tag = "read", params(AsOfQuery),
    responses((status = 200, description = "the dictionary", body = String, content_type = "text/csv; charset=utf-8")))]
fn read_dictionary() {}

/// The form of a subcategory
///
/// A workbook to fill in: every column is text, codes are chosen from lists, amounts name their unit, a second sheet explains
/// each column. The import knows it again by its first row.
#[utoipa::path(get, path = "/v1/catalogue/{subcategory}/template.xlsx", tag = "read",
    params(("subcategory" = String, Path, description = "Code, for example `CF006`.", pattern = "^[A-Z]{2}[0-9]{3}$"),
        AsOfQuery),
    responses((status = 200, description = "the workbook", body = [u8],
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
fn read_template() {}
