//! Addresses of the pages. The server's router uses the same paths.

use crate::message::Lang;

/// Parameters that carry the moment shown from page to page.
pub const AS_OF_PARAMETERS: [&str; 2] = ["valid_on", "known_at"];

/// The value percent-encoded for a path segment or a query.
pub fn encode(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                text.push(char::from(byte));
            }
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

/// An address from a path and its parameters; the language is named only when it is not the first one.
pub fn address<'a>(
    path: &str,
    parameters: impl Iterator<Item = (&'a str, &'a str)>,
    lang: Lang,
) -> String {
    let language = match lang {
        Lang::Zh => None,
        Lang::En => Some(("lang", "en")),
    };
    let query: Vec<String> = parameters
        .filter(|(name, _)| *name != "lang")
        .chain(language)
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", query.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_encoded_and_name_english_only() {
        let parameters = [("q", "油 & <b>"), ("lang", "fr")];
        assert_eq!(
            address("/search", parameters.into_iter(), Lang::Zh),
            "/search?q=%E6%B2%B9%20%26%20%3Cb%3E"
        );
        assert_eq!(address("/", std::iter::empty(), Lang::En), "/?lang=en");
        assert_eq!(address("/", std::iter::empty(), Lang::Zh), "/");
    }
}
