//! The OpenAPI 3.1 document, made from the route table.

mod problems;
mod taken;

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use self::problems::{failures, problems};
use crate::param::Param;
use crate::route::{Media, Method, Route};
use crate::wire;

/// What the parts of a path are that stand in braces.
const IN_PATH: &[(&str, &str)] = &[
    ("camera", "Its slug, or its id."),
    ("stream", "Its name, such as `main`."),
    ("airing", "As the playlist has it."),
    ("segment", "As the playlist has it."),
    ("file", "As the playlist has it."),
    ("export", "Its id."),
    ("volume", "Its name, or its id."),
    ("session", "Its id."),
    ("token", "Its name."),
];

/// The document of the running API, as text.
#[derive(Clone)]
pub(crate) struct Document(pub axum::body::Bytes);

/// The document of `routes`.
pub(crate) fn document(routes: &[Route]) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
    });
    let mut taken = settings.clone().into_generator();
    let mut schemas = settings.for_serialize().into_generator();
    let mut paths: Map<String, Value> = Map::new();
    for route in routes {
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method.as_str()] = operation(&mut schemas, &mut taken, route);
    }
    let problems = problems(&mut schemas);
    // Members that are left out when there is nothing to say are never null: as they are written.
    let mut components = schemas.take_definitions(true);
    components.values_mut().for_each(forbid_null);
    taken::add(&mut components, taken.take_definitions(true), &mut paths);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Holdfast",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "A network video recorder. Times are RFC 3339, UTC, microseconds; \
                spans are half-open; errors are RFC 9457 problem documents.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": problems,
            "securitySchemes": {
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "holdfast-ARCHIVE",
                    "description": "After the `-` stands the end of the archive's id.",
                },
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "To read, also by `Basic` with any name and the token as \
                        the password: for looking and exporting, not for settings.",
                },
            },
        },
    })
}

/// Takes `null` out of the types of members that need not be there.
fn forbid_null(schema: &mut Value) {
    let required = schema["required"].clone();
    let is_required = |name: &str| {
        required.as_array().is_some_and(|names| names.iter().any(|required| required == name))
    };
    if let Some(members) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for (_, member) in members.iter_mut().filter(|(name, _)| !is_required(name)) {
            let null = json!("null");
            if let Some(types) = member.get_mut("type").and_then(Value::as_array_mut) {
                types.retain(|kind| *kind != null);
                if let [only] = types.as_slice() {
                    member["type"] = only.clone();
                }
            }
            if let Some(Value::Array(mut any)) =
                member.as_object_mut().and_then(|m| m.remove("anyOf"))
            {
                any.retain(|one| one["type"] != null);
                let only = any.pop().and_then(|one| one.as_object().cloned());
                if let Some(member) = member.as_object_mut() {
                    member.extend(only.unwrap_or_default());
                }
            }
        }
    }
    if let Some(variants) = schema.get_mut("oneOf").and_then(Value::as_array_mut) {
        variants.iter_mut().for_each(forbid_null);
    }
}

fn responses(schemas: &mut SchemaGenerator, route: &Route) -> Value {
    let problem = &schemas.subschema_for::<wire::server::Problem>().to_value();
    let mut success = match route.answer {
        Some(answer) => json!({ "description": "All is well.", "content": media(schemas, answer) }),
        None => json!({ "description": "Done." }),
    };
    for (name, says) in route.headers {
        success["headers"][name] = header(says);
    }
    if route.also.contains(&304) {
        success["headers"]["etag"] = header("Its version, for `If-None-Match` and `If-Range`.");
    }
    let mut all = json!({});
    for status in failures(route) {
        all[status.to_string()] = json!({ "$ref": format!("#/components/responses/{status}") });
    }
    for status in route.also {
        all[status.to_string()] = match status {
            206 => part(&success),
            304 => json!({ "description": "It is as the client has it (`If-None-Match`)." }),
            307 => json!({
                "description": "The same, with times that do not move.",
                "headers": { "location": header("Where, from the address that was asked for.") },
            }),
            _ => as_well(&success, problem),
        };
    }
    all[route.status.to_string()] = success;
    all
}

/// The same answer with the status of an error, or such an error.
fn as_well(success: &Value, problem: &Value) -> Value {
    let mut answer = success.clone();
    answer["description"] = "The same, which says why not; or an error.".into();
    answer["content"]["application/problem+json"] = json!({ "schema": problem });
    answer
}

/// The answer to a request for parts of a file.
fn part(whole: &Value) -> Value {
    let mut part = whole.clone();
    part["description"] = "What `Range` asks for.".into();
    part["headers"]["content-range"] = header("Where in the whole; not where it is several parts.");
    part["content"]["multipart/byteranges"] = json!({});
    part
}

/// A header of an answer.
fn header(says: &str) -> Value {
    json!({ "description": says, "schema": { "type": "string" } })
}

fn operation(schemas: &mut SchemaGenerator, taken: &mut SchemaGenerator, route: &Route) -> Value {
    let mut operation = json!({
        "operationId": operation_id(route),
        "summary": route.summary,
        "x-permission": route.permission.as_str(),
        "responses": responses(schemas, route),
    });
    let parameters = parameters(route);
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if let Some(body) = route.body {
        let mut content = media(taken, body);
        if route.method == Method::Patch {
            content["application/merge-patch+json"] = content["application/json"].clone();
        }
        operation["requestBody"] = json!({ "required": true, "content": content });
    }
    if route.permission != access::Permission::Public {
        operation["security"] = json!([{ "session": [] }, { "token": [] }]);
    }
    operation
}

fn media(schemas: &mut SchemaGenerator, of: Media) -> Value {
    match of {
        Media::Json(schema) => json!({ "application/json": { "schema": schema(schemas) } }),
        Media::Other(name) => json!({ name: other(name) }),
    }
}

/// What is known of the body of another media type: of what is no text, nothing.
fn other(name: &str) -> Value {
    match name {
        "application/json" => json!({ "schema": { "type": "object" } }),
        "application/toml" | "application/vnd.apple.mpegurl" | "text/plain" => {
            json!({ "schema": { "type": "string" } })
        }
        _ => json!({}),
    }
}

fn parameters(route: &Route) -> Vec<Value> {
    let parts = route.path.split('/');
    let names = parts.filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let in_path = names.map(|name| {
        let text = json!({ "type": "string", "minLength": 1 });
        let says = IN_PATH.iter().find(|(own, _)| *own == name).map(|(_, says)| says);
        json!({
            "name": name,
            "in": "path",
            "required": true,
            "description": says,
            "schema": text,
        })
    });
    let in_query = route.params.iter().map(|param| {
        let schema = match route.repeats.contains(&param.name) {
            true => several(param),
            false => param.schema(),
        };
        json!({
            "name": param.name,
            "in": "query",
            "required": param.is_required(),
            // One without a value counts as missing.
            "allowEmptyValue": !param.is_required(),
            "description": param.description(),
            "schema": schema,
        })
    });
    in_path.chain(in_query).collect()
}

/// A parameter that may stand there several times.
fn several(param: &Param) -> Value {
    json!({
        "type": "array",
        "items": param.schema(),
        "minItems": u8::from(param.is_required()),
        "maxItems": base::limits::CLIP_STREAMS_MAX,
        "uniqueItems": true,
    })
}

/// `getCamerasStreamsClipMp4`: method and fixed parts of the path.
fn operation_id(route: &Route) -> String {
    let fixed = route.path.strip_prefix("/api/v1").unwrap_or(route.path);
    let words = fixed.split(['/', '.']).filter(|word| !word.is_empty());
    words.fold(route.method.as_str().to_owned(), |id, word| {
        let is_parameter = word.starts_with('{');
        let word = word.trim_matches(['{', '}']);
        let (first, rest) = word.split_at(1);
        let by = if is_parameter { "By" } else { "" };
        format!("{id}{by}{}{rest}", first.to_uppercase())
    })
}
