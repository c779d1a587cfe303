//! The OpenAPI 3.1 document, made from the route table.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::route::{Media, Route};
use crate::wire;

/// The document of the running API, as text.
#[derive(Clone)]
pub(crate) struct Document(pub axum::body::Bytes);

/// The document of `routes`.
pub(crate) fn document(routes: &[Route]) -> Value {
    // Members that are left out when there is nothing to say are never null: as they are written.
    let settings = SchemaSettings::draft2020_12().for_serialize().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
    });
    let mut schemas = settings.into_generator();
    let problem = media(&mut schemas, Media::Json(problem));
    let mut paths: Map<String, Value> = Map::new();
    for route in routes {
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method.as_str()] = operation(&mut schemas, route, &problem);
    }
    let mut components = schemas.take_definitions(true);
    components.values_mut().for_each(forbid_null);
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
            "securitySchemes": {
                "session": { "type": "apiKey", "in": "cookie", "name": "holdfast-…" },
                "token": { "type": "http", "scheme": "bearer" },
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

fn problem(schemas: &mut SchemaGenerator) -> schemars::Schema {
    schemas.subschema_for::<wire::server::Problem>()
}

fn operation(schemas: &mut SchemaGenerator, route: &Route, problem: &Value) -> Value {
    let mut success = match route.answer {
        Some(answer) => json!({ "description": "All is well.", "content": media(schemas, answer) }),
        None => json!({ "description": "Done." }),
    };
    for (name, says) in route.headers {
        success["headers"][name] = json!({ "description": says, "schema": { "type": "string" } });
    }
    let failure = json!({
        "description": "Something is wrong.",
        "content": { "application/problem+json": problem["application/json"] },
    });
    let mut operation = json!({
        "operationId": operation_id(route),
        "summary": route.summary,
        "x-permission": route.permission.as_str(),
        "responses": { route.status.to_string(): success, "default": failure },
    });
    let parameters = parameters(route);
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if let Some(body) = route.body {
        operation["requestBody"] = json!({ "required": true, "content": media(schemas, body) });
    }
    if route.permission != access::Permission::Public {
        operation["security"] = json!([{ "session": [] }, { "token": [] }]);
    }
    operation
}

fn media(schemas: &mut SchemaGenerator, of: Media) -> Value {
    match of {
        Media::Json(schema) => json!({ "application/json": { "schema": schema(schemas) } }),
        Media::Other(name) => json!({ name: {} }),
    }
}

fn parameters(route: &Route) -> Vec<Value> {
    let parts = route.path.split('/');
    let names = parts.filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let in_path = names.map(|name| {
        json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })
    });
    let in_query = route.params.iter().map(|param| {
        let text = json!({ "type": "string" });
        let repeats = route.repeats.contains(&param.name);
        let schema = if repeats { json!({ "type": "array", "items": text }) } else { text };
        json!({
            "name": param.name,
            "in": "query",
            "required": param.required,
            "description": param.says,
            "schema": schema,
        })
    });
    in_path.chain(in_query).collect()
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
