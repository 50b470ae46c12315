//! Text from logs and trails is text wherever it lands.

use std::borrow::Cow;

/// The text with control characters, and the marks that hide text or turn its direction, made visible. Line ends become
/// blanks. The template escapes what is left.
pub(crate) fn text(raw: &str) -> Cow<'_, str> {
    if !raw.chars().any(|c| replaced(c).is_some()) {
        return Cow::Borrowed(raw);
    }
    Cow::Owned(raw.chars().map(|c| replaced(c).unwrap_or(c)).collect())
}

fn replaced(c: char) -> Option<char> {
    match c {
        '\n' | '\r' | '\t' => Some(' '),
        c if c.is_control() => Some('\u{fffd}'),
        '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}' => Some('\u{fffd}'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use maud::html;

    use super::text;

    #[test]
    fn texts_cannot_leave_their_place() {
        let page = html! { p title=(text("\"x'<")) { (text("<script>alert('1')</script>&\"")) } };
        assert_eq!(
            page.into_string(),
            "<p title=\"&quot;x'&lt;\">&lt;script&gt;alert('1')&lt;/script&gt;&amp;&quot;</p>"
        );
        assert_eq!(text("a\u{202e}b\u{0}c\nd"), "a\u{fffd}b\u{fffd}c d");
        assert_eq!(text("plain é"), "plain é");
    }
}
