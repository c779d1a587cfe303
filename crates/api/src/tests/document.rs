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

/// Without this a generator of clients, or of tests, sends what is never taken.
#[test]
fn every_parameter_says_what_it_takes() {
    let document = crate::openapi();
    let mut said = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            for param in operation["parameters"].as_array().into_iter().flatten() {
                let one = |schema: &serde_json::Value| {
                    let bounds = ["pattern", "enum", "maximum", "maxLength", "minLength"];
                    schema["type"] == "boolean" || bounds.iter().any(|b| schema.get(b).is_some())
                };
                let schema = param["schema"].get("items").unwrap_or(&param["schema"]);
                // What HLS passes over is anything.
                let known = one(schema) || param["name"] == "_HLS_skip";
                assert!(known, "{method} {path}: {param}");
                said += 1;
            }
        }
    }
    assert!(said > 100);
}

#[test]
fn every_error_is_said_by_its_status() {
    let document = crate::openapi();
    let operations = document["paths"].as_object().unwrap().values();
    for operation in operations.flat_map(|of| of.as_object().unwrap().values()) {
        let responses = operation["responses"].as_object().unwrap();
        assert!(!responses.contains_key("default"), "{}", operation["operationId"]);
        let known = |status: &u16| responses.contains_key(&status.to_string());
        assert!([400, 421, 500, 503].iter().all(known), "{}", operation["operationId"]);
    }
    let of = |path: &str, method: &str| document["paths"][path][method]["responses"].clone();
    assert!(of("/api/v1/login", "post")["429"].is_object());
    let not_done = &of("/api/v1/exports/{export}/export.zip", "get")["409"];
    assert!(not_done.is_object(), "it has no file yet");
    assert!(of("/api/v1/exports", "post")["507"].is_object());
    assert!(of("/api/v1/clip.mp4", "get")["206"]["content"]["multipart/byteranges"].is_object());
    let not_ready = of("/readyz", "get")["503"]["content"].clone();
    assert_eq!(not_ready["application/json"]["schema"]["$ref"], "#/components/schemas/Ready");
    assert!(not_ready["application/problem+json"].is_object(), "it may be busy");
}

#[test]
fn a_body_may_leave_out_what_has_a_default() {
    let document = crate::openapi();
    let required = |name: &str| document["components"]["schemas"][name]["required"].clone();
    assert!(required("Proposal").is_null(), "an empty proposal is taken");
    assert_eq!(required("Suspect"), serde_json::json!(["file"]));
    assert_eq!(required("NewExport"), serde_json::json!(["streams", "from"]));
}

#[test]
fn the_cookie_has_a_name_that_can_be_sent() {
    let document = crate::openapi();
    let cookie = &document["components"]["securitySchemes"]["session"]["name"];
    assert!(cookie.as_str().unwrap().is_ascii());
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
