//! The catalogue: as a whole, by class, as a dictionary, as forms.

use crate::call::Call;
use crate::errors::Trouble;
use crate::moment::{Asked, moment};
use crate::show;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use probity_api::{AsOfQuery, CatalogueView, ProblemType, SubcategoryDetailView};
use probity_ingest::form::{Form, dictionary_csv};
use probity_project::{Moment, Views};
use probity_rules::{AnchorDates, NoPack, Packs};
use probity_types::{CivilDate, Position};
use serde::Serialize;

/// Content type of workbooks.
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// Hexadecimal digits of a tag: 64 bits tell versions of a catalogue apart.
const TAG_DIGITS: usize = 16;

fn nothing_adopted(none: NoPack) -> Trouble {
    let zh = "该日期没有已发布的目录";
    Trouble::saying(ProblemType::NotFound, none.to_string(), zh)
}

/// Does something with the views and packs of the moment that a read asks for.
async fn at_moment<T>(
    call: &Call,
    work: impl FnOnce(&Views, &Packs<'_>, &Moment) -> T,
) -> Result<T, Trouble> {
    let ledger = &call.service.ledger;
    let asked = Asked::from(call.query::<AsOfQuery>()?);
    let moment = moment(ledger, asked).await?;
    let views = ledger.views();
    let dates = AnchorDates::on(moment.valid_on);
    let packs = views.policies().packs(show::known_at(&moment), &dates);
    let packs = packs.map_err(nothing_adopted)?;
    Ok(work(&views, &packs, &moment))
}

fn is_known(asked: &HeaderMap, tag: &str) -> bool {
    let tags = asked.get_all(header::IF_NONE_MATCH);
    let tags = tags.iter().filter_map(|value| value.to_str().ok());
    tags.flat_map(|value| value.split(','))
        .any(|known| matches!(known.trim(), "*") || known.trim() == tag)
}

/// The answer with a weak tag over what the catalogue says: it stays the same while the log goes on.
fn tagged<T: Serialize>(call: &Call, view: &T, lasting: &T) -> Result<Response, Trouble> {
    let json = |view: &T| serde_json::to_vec(view).map_err(Trouble::internal);
    let hash = blake3::hash(&json(lasting)?).to_hex();
    let digits: String = hash.chars().take(TAG_DIGITS).collect();
    let tag = format!("W/\"{digits}\"");
    let headers = [(header::ETAG, tag.clone())];
    if is_known(&call.headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let kind = [(header::CONTENT_TYPE, "application/json")];
    Ok((headers, kind, json(view)?).into_response())
}

/// The catalogue in force.
pub async fn read_catalogue(call: Call) -> Result<Response, Trouble> {
    let view = at_moment(&call, show::catalogue::catalogue).await?;
    let lasting = CatalogueView {
        valid_on: CivilDate::MIN,
        known_at: Position(0),
        position: Position(0),
        ..view.clone()
    };
    tagged(&call, &view, &lasting)
}

/// One class of it.
pub async fn read_subcategory(call: Call) -> Result<Response, Trouble> {
    let code = call.text("subcategory");
    let view = at_moment(&call, |views, packs, moment| {
        show::catalogue::detail(views, packs, moment, code)
    });
    let view = view.await?.ok_or_else(no_such_class)?;
    let lasting = SubcategoryDetailView {
        valid_on: CivilDate::MIN,
        known_at: Position(0),
        position: Position(0),
        ..view.clone()
    };
    tagged(&call, &view, &lasting)
}

fn no_such_class() -> Trouble {
    let en = "the catalogue in force has no such subcategory; /v1/catalogue lists them";
    let zh = "现行目录没有该子类；全部子类见 /v1/catalogue";
    Trouble::saying(ProblemType::NotFound, en, zh)
}

fn file(kind: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    (headers, bytes).into_response()
}

/// Every field of every class, as a table.
pub async fn read_dictionary(call: Call) -> Result<Response, Trouble> {
    let text = at_moment(&call, |_, packs, _| {
        let head = &packs.catalogue.head.rule;
        let name = format!("{}-{}.csv", head.id, head.version);
        dictionary_csv(packs).map(|text| (name, text))
    });
    let (name, text) = text.await?.map_err(Trouble::internal)?;
    let name: String = name
        .chars()
        .filter(|c| c.is_ascii_graphic() && *c != '"')
        .collect();
    Ok(file("text/csv; charset=utf-8", &name, text))
}

/// The workbook in which records of a class are reported.
pub async fn read_template(call: Call) -> Result<Response, Trouble> {
    let code = call.text("subcategory");
    let form = at_moment(&call, |_, packs, _| Form::of(packs, code));
    let form = form.await?.ok_or_else(no_such_class)?;
    let name = format!("{}.xlsx", form.code);
    let book = tokio::task::spawn_blocking(move || form.workbook()).await;
    let book = book.map_err(Trouble::internal)?;
    Ok(file(XLSX, &name, book.map_err(Trouble::internal)?))
}
