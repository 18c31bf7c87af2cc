//! Bodies of sealed parts, and the pieces that stand in the open for organisations and sealed for persons.

use super::details::{
    AdjudicationDetails, ArrearDetails, CoercionDetails, Details, DetailsRef, HonourDetails,
    JudgmentDetails, PenaltyDetails, PermitDetails,
};
use crate::codec::{self, CodecError};
use crate::fields::{NamedValue, code_field};
use crate::limits::SEALED_PART_BYTES_MAX;
use crate::wire::{Exposed, List, Place, Types, Wire, code_shape, wire_struct};
use probity_types::{CivilDate, CodeList, Fen, FieldValue, IdentifierKind, Role, Text};

code_field!(IdentifierKind);

impl Wire for IdentifierKind {
    fn shape(types: &mut Types) -> String {
        code_shape::<Self>("IdentifierKind", types)
    }
    /// A number that identifies a human being never stands in clear, whoever the subject is.
    fn check_place(&self, place: Place) -> Result<(), Exposed> {
        if self.is_personal() && place != Place::Sealed {
            return Err(Exposed {
                field: self.key().to_owned(),
            });
        }
        Ok(())
    }
}

wire_struct! {
    /// An identifier as held: declared kind, normalised value.
    pub struct HeldIdentifier {
        open kind: IdentifierKind = "代码类型";
        subject value: Text<64> = "代码";
        open verified: bool = "已核对";
    }
    /// Who a subject is.
    pub struct Identity {
        subject name: Text<200> = "名称";
        open identifiers: List<HeldIdentifier, 16> = "代码";
        subject birth_date: Option<CivilDate> = "出生日期";
    }
    /// One field of a correction, old and new; none where it was or becomes empty.
    pub struct FieldChange {
        open field: Text<64> = "字段";
        subject old: Option<FieldValue> = "原值";
        subject new: Option<FieldValue> = "新值";
    }
    /// What a parked report said.
    pub struct ParkedContent {
        subject name: Text<200> = "名称";
        open identifiers: List<HeldIdentifier, 16> = "代码";
        open role: Role = "角色";
        open authority: Text<200> = "决定机关";
        open authority_code: Text<18> = "决定机关代码";
        open source_unit_code: Text<18> = "数据来源单位代码";
        open fields: List<NamedValue, 64> = "字段";
    }
    /// The changed name of a person.
    pub struct SealedName {
        person name: Text<200> = "姓名";
    }
    /// The number of a practice certificate.
    pub struct SealedCertificate {
        person number: Text<64> = "证书编号";
    }
    /// The fields of a correction about a person.
    pub struct SealedChanges {
        person changes: List<FieldChange, 32> = "更正内容";
    }
    /// A person named in somebody else's record.
    pub struct SealedParty {
        open field: Text<64> = "字段";
        person name: Text<200> = "姓名";
    }
    /// Why a person was listed.
    pub struct SealedReason {
        person reason: Text<4000> = "列入事由";
    }
    /// A piece of a submitted file, as its agency sent it.
    pub struct SealedFile {
        person bytes: List<u8, 262000> = "内容";
    }
    /// An amount about a person.
    pub struct SealedAmount {
        person amount: Fen = "金额";
    }
}

/// Name of a part's kind.
pub fn name(kind: u16) -> Option<&'static str> {
    let known = Private::KINDS.iter().find(|(number, _)| *number == kind);
    known.map(|(_, name)| *name)
}

macro_rules! parts {
    ($($number:literal => $variant:ident($type:ty);)+) => {
        /// What a sealed part holds. The number is the part's kind in the part table.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Private { $(#[doc = concat!("Kind ", stringify!($number), ".")] $variant($type),)+ }
        impl Private {
            /// Kinds with their names, for the schema.
            pub const KINDS: &'static [(u16, &'static str)] = &[$(($number, stringify!($variant))),+];
            /// The part's kind.
            pub fn kind(&self) -> u16 { match self { $(Self::$variant(_) => $number,)+ } }
            /// Encodes the part, before sealing.
            ///
            /// # Errors
            /// [`CodecError::TooLarge`].
            pub fn encode(&self) -> Result<Vec<u8>, CodecError> {
                match self { $(Self::$variant(body) => codec::encode(body, SEALED_PART_BYTES_MAX),)+ }
            }
            /// Bytes of that encoding, without making it.
            ///
            /// # Errors
            /// [`CodecError::TooLarge`].
            pub fn encoded_bytes(&self) -> Result<u64, CodecError> {
                match self { $(Self::$variant(body) => codec::encoded_bytes(body, SEALED_PART_BYTES_MAX),)+ }
            }
            /// Decodes an opened part of `kind`.
            ///
            /// # Errors
            /// [`CodecError`], also for a kind that this build does not know.
            pub fn decode(kind: u16, bytes: &[u8]) -> Result<Self, CodecError> {
                match kind {
                    $($number => codec::decode(bytes, SEALED_PART_BYTES_MAX).map(Self::$variant),)+
                    _ => Err(CodecError::Malformed { what: "part kind", why: format!("no part kind {kind}") }),
                }
            }
            /// The part's body as a JSON value, for people.
            pub fn to_json(&self) -> serde_json::Value {
                match self { $(Self::$variant(body) => serde_json::to_value(body).unwrap_or_default(),)+ }
            }
            pub(crate) fn shapes(types: &mut Types) -> Vec<(u16, &'static str, String)> {
                vec![$(($number, stringify!($variant), <$type as Wire>::shape(types)),)+]
            }
            pub(crate) fn check_sealed(&self) -> Result<(), Exposed> {
                match self { $(Self::$variant(body) => body.check_place(Place::Sealed),)+ }
            }
        }
    };
}

parts! {
    1 => Identity(Identity);
    2 => Name(SealedName);
    3 => Identifier(HeldIdentifier);
    4 => Certificate(SealedCertificate);
    5 => Permit(PermitDetails);
    6 => Penalty(PenaltyDetails);
    7 => Coercion(CoercionDetails);
    8 => Adjudication(AdjudicationDetails);
    9 => Judgment(JudgmentDetails);
    10 => Arrear(ArrearDetails);
    11 => Honour(HonourDetails);
    12 => Changes(SealedChanges);
    13 => Parked(ParkedContent);
    14 => Reason(SealedReason);
    15 => Amount(SealedAmount);
    16 => Party(SealedParty);
    17 => File(SealedFile);
}

impl From<Details> for Private {
    fn from(details: Details) -> Self {
        match details {
            Details::Permit(d) => Self::Permit(d),
            Details::Penalty(d) => Self::Penalty(d),
            Details::Coercion(d) => Self::Coercion(d),
            Details::Adjudication(d) => Self::Adjudication(d),
            Details::Judgment(d) => Self::Judgment(d),
            Details::Arrear(d) => Self::Arrear(d),
            Details::Honour(d) => Self::Honour(d),
        }
    }
}

impl Private {
    /// The details of a record, where this part holds them.
    pub fn details(&self) -> Option<Details> {
        self.details_ref().map(DetailsRef::to_owned)
    }

    /// The same, lent.
    pub fn details_ref(&self) -> Option<DetailsRef<'_>> {
        Some(match self {
            Self::Permit(d) => DetailsRef::Permit(d),
            Self::Penalty(d) => DetailsRef::Penalty(d),
            Self::Coercion(d) => DetailsRef::Coercion(d),
            Self::Adjudication(d) => DetailsRef::Adjudication(d),
            Self::Judgment(d) => DetailsRef::Judgment(d),
            Self::Arrear(d) => DetailsRef::Arrear(d),
            Self::Honour(d) => DetailsRef::Honour(d),
            Self::Identity(_)
            | Self::Name(_)
            | Self::Identifier(_)
            | Self::Certificate(_)
            | Self::Changes(_)
            | Self::Parked(_)
            | Self::Reason(_)
            | Self::Amount(_)
            | Self::Party(_)
            | Self::File(_) => return None,
        })
    }
}
