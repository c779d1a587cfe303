//! The OpenAPI 3.1 document, made from the route table.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::route::{Media, Route};
use crate::routes::table;
use crate::wire;

/// The document that `/api/v1/openapi.json` gives, and that stands in `docs/reference`.
pub fn openapi() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
    });
    let mut schemas = settings.into_generator();
    let problem = media(&mut schemas, Media::Json(problem));
    let mut paths: Map<String, Value> = Map::new();
    for route in table() {
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method.as_str()] = operation(&mut schemas, &route, &problem);
    }
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
            "schemas": schemas.take_definitions(true),
            "securitySchemes": {
                "session": { "type": "apiKey", "in": "cookie", "name": "holdfast-…" },
                "token": { "type": "http", "scheme": "bearer" },
            },
        },
    })
}

fn problem(schemas: &mut SchemaGenerator) -> schemars::Schema {
    <wire::server::Problem as JsonSchema>::json_schema(schemas);
    schemas.subschema_for::<wire::server::Problem>()
}

fn operation(schemas: &mut SchemaGenerator, route: &Route, problem: &Value) -> Value {
    let success = match route.answer {
        Some(answer) => json!({ "description": "All is well.", "content": media(schemas, answer) }),
        None => json!({ "description": "Done." }),
    };
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
        json!({
            "name": param.name,
            "in": "query",
            "required": param.required,
            "description": param.says,
            "schema": { "type": "string" },
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
