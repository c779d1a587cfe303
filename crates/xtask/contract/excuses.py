"""What is no fault though schemathesis takes it for one: no schema can say it. Each with its why."""

import schemathesis

# Refusals of values that are each as the document says: field, and how the words begin or go on.
REFUSED_TOGETHER = [
    ("to", "the range is empty"),  # `to` is not after `from`
    ("from", "02-29"),  # a leap day of another year
    ("cursor", "`next` of the page before"),  # opaque: only what a page gave is one
    ("rows", "a sheet has at most"),  # columns × rows
    ("width", "is not drawn"),  # columns × rows × width
    ("min_days", "it is more than max_days"),
    ("before", "either what comes after"),  # together with `after`
    ("_HLS_part", "of which media segment?"),  # alone
    ("_HLS_msn", "ahead"),  # too far ahead of what is live; HLS asks for 400
    ("stream", "is there twice"),  # by slug and by id
    ("streams", "is there twice"),
    ("token", "link"),  # a one-time link that nobody made
    ("username", "there is no account"),
    ("username", "for whom does the token act?"),  # nobody is signed in
    ("password", "password"),  # what everybody takes, too many bytes
    ("keep_free", "kept free"),  # more than the disk has
    ("upgrade", "upgrade"),  # WebSockets are not asked for one
    # Cameras: what a name, slug, address or limit may be is said by the configuration's validation.
    ("name", "a name has"),
    ("slug", "slug"),
    ("streams", "a camera needs a stream"),
    ("username", "there is a password without it"),
    ("camera", "login"),
    ("url", "rtsp"),
    (None, "write it as rtsp://"),
    (None, "reached by rtsp"),
    (None, "rtsps is not yet"),
    (None, "a URL shows in logs"),
    (None, "no stream name"),
    (None, "a new stream needs its url"),
    (None, "there is no volume"),
    (None, "max_bytes"),
    (None, "max_days"),
    # JSON has one kind of number, Rust two: `5.0` is no count.
    (None, "invalid type: floating point"),
]


def words(response):
    try:
        return response.json()
    except ValueError:
        return {}


@schemathesis.hook
def filter_failure(context, failure, case, response):
    said = words(response)
    kind, field, detail = (said.get(name) or "" for name in ("type", "field", "detail"))
    if failure.code == "ST202" and response.status_code == 400:
        if kind in ("clip-too-long", "playlist-too-long"):
            return False
        if case.media_type == "application/toml":  # text that is no configuration
            return False
        return not any(
            (name is None or name == field) and part in detail for name, part in REFUSED_TOGETHER
        )
    if failure.code == "ST201":
        # `allowEmptyValue`: a parameter without a value counts as missing. Objects are sent so too.
        return not any(value in ("", {}) for value in (case.query or {}).values())
    return True


@schemathesis.hook
def before_call(context, case, kwargs):
    # Without its own token every later request would be refused, and prove nothing.
    if (case.path_parameters or {}).get("token") == "contract":
        case.path_parameters["token"] = "another"


@schemathesis.serializer("application/toml")
def toml(context, value):
    return value if isinstance(value, bytes) else str(value).encode()
