//! The OpenAPI document.

use std::path::Path;

use crate::problem::Problem as P;

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

/// All operations, with method and path.
fn operations(document: &serde_json::Value) -> Vec<(String, &serde_json::Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, operations)| {
            let operations = operations.as_object().unwrap().iter();
            operations.map(move |(method, operation)| (format!("{method} {path}"), operation))
        })
        .collect()
}

#[test]
fn every_operation_and_every_parameter_is_described() {
    let document = crate::openapi();
    let mut summaries = std::collections::BTreeSet::new();
    for (name, operation) in operations(&document) {
        let summary = operation["summary"].as_str().unwrap();
        // Documents are read in another order than the table: what is said of one stands alone.
        assert!(summary.ends_with('.') && summaries.insert(summary), "{name}: {summary}");
        let leans = |word| summary.split(' ').any(|said| said.trim_end_matches('.') == word);
        let begins = ["It ", "Its ", "That "].iter().any(|word| summary.starts_with(word));
        assert!(!begins && !leans("such") && !leans("same"), "{name}: {summary}");
        for param in operation["parameters"].as_array().into_iter().flatten() {
            let says = param["description"].as_str().unwrap_or_default();
            assert!(says.ends_with('.'), "{name}: {param}");
            let is_optional = param["required"] == false;
            assert_eq!(says.contains(" Without it: "), is_optional, "{name}: {param}");
        }
    }
}

#[test]
fn bodies_of_text_and_json_have_a_type() {
    let document = crate::openapi();
    let mut said = 0;
    for (name, operation) in operations(&document) {
        let answers = operation["responses"].as_object().unwrap().values();
        for body in answers.chain([&operation["requestBody"]]) {
            for (media, of) in body["content"].as_object().into_iter().flatten() {
                let is_binary = ["multipart/byteranges", "video/mp4", "image/jpeg"]
                    .into_iter()
                    .chain(["application/zip", "application/vnd.holdfast.keyframes"])
                    .any(|binary| binary == media);
                assert_eq!(of.get("schema").is_some(), !is_binary, "{name}: {media}");
                said += 1;
            }
        }
    }
    assert!(said > 90);
    let change = &document["paths"]["/api/v1/cameras/{camera}"]["patch"]["requestBody"]["content"];
    assert_eq!(change["application/merge-patch+json"], change["application/json"], "RFC 7396");
}

/// What is taken has no members that nobody knows; a number of it that is too large is not read.
#[test]
fn numbers_that_are_taken_have_bounds() {
    fn numbers<'a>(schema: &'a serde_json::Value, found: &mut Vec<&'a serde_json::Value>) {
        let is_number = |kind: &serde_json::Value| kind == "integer";
        let kind = &schema["type"];
        if is_number(kind) || kind.as_array().is_some_and(|kinds| kinds.iter().any(is_number)) {
            found.push(schema);
        }
        schema.as_array().into_iter().flatten().for_each(|inner| numbers(inner, found));
        schema.as_object().into_iter().flatten().for_each(|(_, inner)| numbers(inner, found));
    }
    let document = crate::openapi();
    let schemas = document["components"]["schemas"].as_object().unwrap().values();
    let mut found = Vec::new();
    schemas.filter(|it| it["additionalProperties"] == false).for_each(|it| numbers(it, &mut found));
    assert!(found.len() >= 9);
    for number in found {
        assert!(number["minimum"].is_u64() && number["maximum"].is_u64(), "{number}");
    }
}

#[test]
fn headers_that_programs_go_by_are_said() {
    let document = crate::openapi();
    let of = |path: &str, method: &str, status: &str, header: &str| {
        let answer = &document["paths"][path][method]["responses"][status];
        let shared = answer["$ref"].as_str().and_then(|to| document.pointer(to.strip_prefix('#')?));
        shared.unwrap_or(answer)["headers"][header]["description"].is_string()
    };
    assert!(of("/api/v1/cameras", "post", "201", "location"));
    assert!(of("/api/v1/login", "post", "204", "set-cookie"));
    assert!(of("/api/v1/login", "post", "429", "retry-after"));
    assert!(of("/api/v1/cameras", "get", "401", "www-authenticate"));
    for path in ["/api/v1/clip.mp4", "/api/v1/cameras/{camera}/hls.m3u8"] {
        assert!(of(path, "get", "200", "etag") && of(path, "get", "206", "content-range"));
        assert!(of(path, "get", "307", "location") && of(path, "get", "503", "retry-after"));
    }
    assert!(of("/api/v1/exports/{export}/export.zip", "get", "200", "content-disposition"));
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

/// But for `method-not-allowed`, which no operation answers.
#[test]
fn every_type_of_error_is_said_with_its_status() {
    let document = crate::openapi();
    let say = String::new;
    for problem in [
        P::BadInput(say(), say()),
        P::NotSignedIn,
        P::WrongPassword,
        P::NotSetUp,
        P::Forbidden(say()),
        P::UnknownHost(say()),
        P::ForeignOrigin(say()),
        P::NotFound(say()),
        P::NoRoom(say()),
        P::NoFootage(say(), None),
        P::ClipTooLong(say()),
        P::PlaylistTooLong(say()),
        P::Undecodable(say()),
        P::ManagedByFile(say()),
        P::NameTaken(None, say()),
        P::InUse(say()),
        P::Conflict(say()),
        P::PreconditionFailed,
        P::TooLarge,
        P::UnsupportedMediaType(""),
        P::RangeNotSatisfiable(0),
        P::TooManyAttempts(1),
        P::Busy(say()),
        P::NotLive(say()),
        P::StillReading,
        P::Unavailable(say()),
        P::Internal(say()),
    ] {
        let (status, kind, _) = problem.kind();
        let said = &document["components"]["responses"][status.as_str()]["description"];
        assert!(said.as_str().unwrap().contains(&format!("`{kind}`")), "{status} {kind}: {said}");
    }
}

#[test]
fn a_body_may_leave_out_what_has_a_default() {
    let document = crate::openapi();
    let required = |name: &str| document["components"]["schemas"][name]["required"].clone();
    assert!(required("Proposal").is_null(), "an empty proposal is taken");
    assert_eq!(required("Suspect"), serde_json::json!(["file"]));
    assert_eq!(required("NewExport"), serde_json::json!(["streams", "from"]));
    let stream = &document["components"]["schemas"]["NewCamera"]["properties"]["streams"];
    let stream = stream["additionalProperties"]["$ref"].as_str().unwrap();
    let asked = document.pointer(&format!("{}/required", stream.strip_prefix('#').unwrap()));
    assert_eq!(asked, Some(&serde_json::json!(["url"])), "its settings have all: {stream}");
    assert_eq!(required("StreamSettings").as_array().unwrap().len(), 5);
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
