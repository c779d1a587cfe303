//! The OpenAPI 3.1 document, made from the route table.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::param::Param;
use crate::route::{Media, Method, Route};
use crate::wire;

/// What each status of an error says.
const PROBLEMS: &[(u16, &str)] = &[
    (400, "A parameter, a header or the body is wrong, or has what is not known here."),
    (401, "Nobody known asks."),
    (403, "The caller may not, or another site asks in their name."),
    (404, "There is no such thing, or nothing was recorded then."),
    (
        409,
        "It collides with what is there: a name is another one's (`name-taken`), it holds what has \
         to stay (`in-use`), a file manages it (`managed-by-file`), or else (`conflict`).",
    ),
    (412, "`If-Match` names another version of it."),
    (413, "The body is too large."),
    (415, "The body is of another type."),
    (416, "No range that is asked for lies in it."),
    (421, "The server is not known under this `Host`."),
    (422, "The footage is there and cannot be decoded."),
    (429, "Too many attempts."),
    (500, "A bug."),
    (503, "It does not work now, or too much is asked at once."),
    (507, "It would take more space than there is for it."),
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
    // What is taken may leave out what is written always, and say that there is nothing.
    for (name, schema) in taken.take_definitions(true) {
        components.entry(name).or_insert(schema);
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

/// The errors, by status.
fn problems(schemas: &mut SchemaGenerator) -> Value {
    let schema = schemas.subschema_for::<wire::server::Problem>();
    let content = json!({ "application/problem+json": { "schema": schema } });
    let of = |(status, says): &(u16, &str)| {
        (status.to_string(), json!({ "description": says, "content": content }))
    };
    PROBLEMS.iter().map(of).collect::<Map<String, Value>>().into()
}

/// Statuses of the errors that a route may answer with.
fn failures(route: &Route) -> Vec<u16> {
    // Of any route: a parameter that it does not know, a foreign host, load, bugs.
    let mut statuses = vec![400, 421, 500, 503];
    if route.permission != access::Permission::Public {
        statuses.extend([401, 403]);
    }
    if route.method != Method::Get {
        statuses.push(403);
    }
    if route.path.contains('{') {
        statuses.push(404);
    }
    if route.body.is_some() {
        statuses.extend([413, 415]);
    }
    statuses.extend(route.problems);
    statuses.sort_unstable();
    statuses.dedup();
    statuses
}

fn responses(schemas: &mut SchemaGenerator, route: &Route) -> Value {
    let problem = &schemas.subschema_for::<wire::server::Problem>().to_value();
    let mut success = match route.answer {
        Some(answer) => json!({ "description": "All is well.", "content": media(schemas, answer) }),
        None => json!({ "description": "Done." }),
    };
    for (name, says) in route.headers {
        success["headers"][name] = json!({ "description": says, "schema": { "type": "string" } });
    }
    let mut all = json!({});
    for status in failures(route) {
        all[status.to_string()] = json!({ "$ref": format!("#/components/responses/{status}") });
    }
    for status in route.also {
        all[status.to_string()] = match status {
            206 => part(&success),
            304 => json!({ "description": "It is as the client has it (`If-None-Match`)." }),
            307 => json!({ "description": "The same, with times that do not move." }),
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
    part["content"]["multipart/byteranges"] = json!({});
    part
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
        operation["requestBody"] = json!({ "required": true, "content": media(taken, body) });
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
        let text = json!({ "type": "string", "minLength": 1 });
        json!({ "name": name, "in": "path", "required": true, "schema": text })
    });
    let in_query = route.params.iter().map(|param| {
        let schema = match route.repeats.contains(&param.name) {
            true => several(param),
            false => param.schema(),
        };
        json!({
            "name": param.name,
            "in": "query",
            "required": param.required,
            // One without a value counts as missing.
            "allowEmptyValue": !param.required,
            "description": param.says,
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
        "minItems": u8::from(param.required),
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
