//! Schemas of field values as callers write them. Documentation only; no value of these types exists.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, ObjectBuilder, OneOfBuilder, Ref, Schema, Type,
};
use utoipa::{PartialSchema, ToSchema};

/// Schema of one value: the table stands in [`crate::fields`].
#[derive(Debug)]
pub enum PlainValue {}

impl PartialSchema for PlainValue {
    fn schema() -> RefOr<Schema> {
        let plain = |kind: Type| ObjectBuilder::new().schema_type(kind);
        let money = plain(Type::Object)
            .property("yuan", plain(Type::String))
            .property("wan_yuan", plain(Type::String))
            .property("fen", plain(Type::Integer))
            .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)))
            .description(Some("Money: exactly one of the members."));
        let about = "A text, date, code or decimal as text; a whole number; true or false; a list of keys; or money with \
                     its unit. A JSON number with a point is refused.";
        let kinds = OneOfBuilder::new()
            .item(plain(Type::String))
            .item(plain(Type::Integer))
            .item(plain(Type::Boolean))
            .item(ArrayBuilder::new().items(plain(Type::String)))
            .item(money);
        RefOr::T(kinds.description(Some(about)).build().into())
    }
}

impl ToSchema for PlainValue {
    fn name() -> std::borrow::Cow<'static, str> {
        "PlainValue".into()
    }
}

/// Schema of a value in a correction: `null` empties the field.
#[derive(Debug)]
pub enum ChangedValue {}

impl PartialSchema for ChangedValue {
    fn schema() -> RefOr<Schema> {
        let kinds = OneOfBuilder::new()
            .item(Ref::from_schema_name(PlainValue::name()))
            .item(ObjectBuilder::new().schema_type(Type::Null));
        let about = "A new value, or null to empty the field.";
        RefOr::T(kinds.description(Some(about)).build().into())
    }
}

impl ToSchema for ChangedValue {
    fn name() -> std::borrow::Cow<'static, str> {
        "ChangedValue".into()
    }
}
