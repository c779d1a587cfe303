//! The OpenAPI document.

use std::path::Path;

/// `HOLDFAST_WRITE_REFERENCE=1 cargo test -p api` writes it anew.
#[test]
fn the_document_in_docs_reference_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/openapi.json");
    let mut now = serde_json::to_string_pretty(&crate::openapi()).unwrap();
    now.push('\n');
    if std::env::var_os("HOLDFAST_WRITE_REFERENCE").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let advice =
        "docs/reference/openapi.json is stale: HOLDFAST_WRITE_REFERENCE=1 cargo test -p api";
    assert!(kept == now, "{advice}");
}

#[test]
fn every_reference_inside_leads_somewhere() {
    let document = crate::openapi();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 20);
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

fn references(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(members) => {
            for (name, value) in members {
                if let ("$ref", Some(to)) = (name.as_str(), value.as_str()) {
                    found.push(to.to_owned());
                }
                references(value, found);
            }
        }
        serde_json::Value::Array(values) => values.iter().for_each(|v| references(v, found)),
        _ => {}
    }
}
