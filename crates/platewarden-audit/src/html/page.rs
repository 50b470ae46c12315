//! The shell of a page.

use maud::{DOCTYPE, Markup, PreEscaped, html};

/// A page that needs nothing from elsewhere.
pub(crate) struct Page<'a> {
    pub(crate) title: &'a str,
    pub(crate) style: &'static str,
    /// Our own script; `None` forbids scripts altogether.
    pub(crate) script: Option<&'static str>,
    pub(crate) body: Markup,
}

/// The whole page as text.
pub(crate) fn shell(page: &Page<'_>) -> String {
    let scripts = if page.script.is_some() {
        "; script-src 'unsafe-inline'"
    } else {
        ""
    };
    let policy = format!("default-src 'none'; style-src 'unsafe-inline'{scripts}");
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(policy);
                title { (super::text(page.title)) }
                style { (PreEscaped(page.style)) }
            }
            body {
                (page.body)
                @if let Some(script) = page.script {
                    script { (PreEscaped(script)) }
                }
            }
        }
    }
    .into_string()
}
