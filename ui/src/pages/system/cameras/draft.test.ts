import { describe, expect, it } from "vitest";
import type { CameraSettings } from "../../../api/types";
import { blank, changeOf, draftOf, firstOf, freeName, newCamera, wrongIn } from "./draft";

const door: CameraSettings = {
  ...{ slug: "door", name: "Door", managed_by_file: false, paused: false },
  ...{ username: "viewer", has_password: true },
  streams: {
    main: {
      ...{ url: "rtsp://192.0.2.10/main", transport: "auto", record: true, paused: false },
      ...{ volume: "disk1", keep: { max_days: 14, max_bytes: 1_500_000_000 } },
    },
    sub: {
      ...{ url: "rtsp://192.0.2.10/sub", transport: "tcp", record: false, paused: false },
      keep: {},
    },
  },
};

describe("a new camera", () => {
  it("says only what was written", () => {
    const draft = blank();
    draft.name = " Door ";
    draft.streams.main = { ...blank().streams.main, url: " rtsp://h/m " } as never;
    expect(newCamera(draft)).toEqual({
      name: "Door",
      paused: false,
      streams: {
        main: { url: "rtsp://h/m", transport: "auto", record: true, paused: false, keep: {} },
      },
    });
  });

  it("takes limits and a login", () => {
    const draft = draftOf(door);
    draft.password = "p ";
    const made = newCamera(draft);
    expect(made).toMatchObject({ username: "viewer", password: "p " });
    expect(made.streams.main?.keep).toEqual({ max_days: 14, max_bytes: 1_500_000_000 });
    expect(made.streams.sub?.record).toBe(false);
  });
});

describe("a change", () => {
  it("is nothing where nothing was touched", () => {
    expect(changeOf(door, draftOf(door))).toBeUndefined();
  });

  it("names only what is another", () => {
    const draft = draftOf(door);
    draft.name = "Gate";
    const { main } = draft.streams;
    if (main) Object.assign(main, { maxDays: "", minDays: "3", volume: "" });
    expect(changeOf(door, draft)).toEqual({
      name: "Gate",
      streams: { main: { volume: null, keep: { max_days: null, min_days: 3 } } },
    });
  });

  it("takes a stream and a user name away by null, and leaves the password", () => {
    const draft = draftOf(door);
    draft.username = "";
    if (draft.streams.sub) draft.streams.sub.url = " ";
    expect(changeOf(door, draft)).toEqual({ username: null, streams: { sub: null } });
  });

  it("leaves a camera alone that calls its streams otherwise", () => {
    const { main: high } = door.streams;
    const odd = { ...door, streams: high ? { high } : {} };
    const draft = draftOf(odd);
    expect(firstOf(draft)).toBe("high");
    expect(wrongIn(draft)).toEqual({});
    expect(changeOf(odd, draft)).toBeUndefined();
    if (draft.streams.high) draft.streams.high.url = "";
    expect(wrongIn(draft)).toEqual({ "high.url": "url" });
  });

  it("adds a stream whole", () => {
    const { sub: _, ...streams } = door.streams;
    const draft = draftOf({ ...door, streams });
    if (draft.streams.sub) draft.streams.sub.url = "rtsp://192.0.2.10/s2";
    expect(changeOf({ ...door, streams }, draft)?.streams?.sub).toEqual({
      ...{ url: "rtsp://192.0.2.10/s2", transport: "auto", record: false, paused: false, keep: {} },
    });
  });
});

describe("what is wrong", () => {
  const of = (main: Partial<ReturnType<typeof draftOf>["streams"][string]>) => {
    const draft = draftOf(door);
    Object.assign(draft.streams.main ?? {}, main);
    return wrongIn(draft);
  };

  it.each(["192.0.2.10", "192.0.2.10:554", "http://192.0.2.10/", "camera.local"])(
    "is a host alone, %j",
    (url) => expect(of({ url })).toEqual({ "main.url": "host" }),
  );

  it.each([
    "",
    "192.0.2.10/main",
    "http://192.0.2.10/main",
    "rtsp://",
    "rtsp:///main",
    "rtsp://h/a b",
  ])("is an address such as %j", (url) => expect(of({ url })).toEqual({ "main.url": "url" }));

  it.each(["rtsp://h", "RTSP://h:8554/x?y=1", "rtsp://[2001:db8::1]/m", "rtsp://h?inst=1"])(
    "is not an address such as %j",
    (url) => expect(of({ url })).toEqual({}),
  );

  it("is a limit that is no number, and a sub-stream without an address is none", () => {
    expect(of({ maxDays: "0", minDays: "x", maxSize: "-1" })).toEqual({
      ...{ "main.maxDays": "number", "main.minDays": "number", "main.maxSize": "size" },
    });
    expect(of({ maxSize: "0,5", maxDays: "7" })).toEqual({});
    const draft = draftOf(door);
    if (draft.streams.sub) draft.streams.sub.url = "";
    expect(wrongIn(draft)).toEqual({});
  });

  it("is to be kept longer at least than at most", () => {
    expect(of({ maxDays: "7", minDays: "8" })).toEqual({ "main.minDays": "order" });
    expect(of({ maxDays: "7", minDays: "7" })).toEqual({});
    expect(of({ maxDays: "", minDays: "8" })).toEqual({});
    expect(of({ maxDays: "7", minDays: "8x" })).toEqual({ "main.minDays": "number" });
  });
});

it("proposes a name that no camera has", () => {
  expect(freeName("IP Camera", [])).toBe("IP Camera");
  expect(freeName("IP Camera", ["IP Camera", "IP Camera 3"])).toBe("IP Camera 2");
  expect(freeName("IP Camera", ["IP Camera", "IP Camera 2"])).toBe("IP Camera 3");
  const long = "x".repeat(64);
  expect(freeName(long, [long])).toBe(`${"x".repeat(58)} 2`);
});

describe("a schedule in a draft", () => {
  const scheduled = structuredClone(door);
  const main = scheduled.streams.main;
  if (main) main.schedule = ["Mon-Fri 07:00-19:00"];

  it("changes alone, and always is null", () => {
    expect(changeOf(scheduled, draftOf(scheduled))).toBeUndefined();
    const draft = draftOf(scheduled);
    const stream = draft.streams.main as NonNullable<typeof draft.streams.main>;
    stream.schedule = [];
    expect(changeOf(scheduled, draft)).toEqual({ streams: { main: { schedule: null } } });
    stream.schedule = [{ days: Array(7).fill(true), from: "22:00", to: "06:00" }];
    const schedule = ["22:00-06:00"];
    expect(changeOf(scheduled, draft)).toEqual({ streams: { main: { schedule } } });
    expect(newCamera(draft).streams.main?.schedule).toEqual(schedule);
  });

  it("is wrong without a day, where it counts", () => {
    const draft = draftOf(scheduled);
    const stream = draft.streams.main as NonNullable<typeof draft.streams.main>;
    stream.schedule = [{ days: Array(7).fill(false), from: "22:00", to: "06:00" }];
    expect(wrongIn(draft)).toEqual({ "main.schedule": "schedule" });
    stream.record = false;
    expect(wrongIn(draft)).toEqual({});
  });
});
