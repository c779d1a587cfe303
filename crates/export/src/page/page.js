const data = JSON.parse(document.getElementById("data").textContent);
const find = (id) => document.getElementById(id);

function element(kind, text, className) {
  const made = document.createElement(kind);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

/** An instant on the clock of who looks, with its zone: the recorder may be far away. */
function time(instant) {
  const style = { dateStyle: "medium", timeStyle: "medium" };
  const at = new Date(instant);
  const zone = new Intl.DateTimeFormat(undefined, { timeZoneName: "short" }).formatToParts(at);
  const name = zone.find((part) => part.type === "timeZoneName")?.value ?? "";
  return `${at.toLocaleString(undefined, style)} ${name}`;
}

function size(bytes) {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

const shown = data.clips.map((clip) => {
  const card = element("article");
  for (const { camera_name, stream } of clip.streams) card.append(element("h2", `${camera_name} · ${stream}`));
  card.append(element("p", `${time(clip.from)} to ${time(clip.to)}`, "times"));
  const video = element("video");
  video.controls = true;
  video.preload = "metadata";
  video.playsInline = true;
  video.src = encodeURIComponent(clip.file);
  const trouble = element("p", undefined, "small doubt");
  video.addEventListener("error", () => {
    trouble.textContent = "It cannot be played here: unpack all files into one folder, choose the ZIP below, or open it in another player.";
  });
  video.addEventListener("loadeddata", () => {
    trouble.textContent = "";
  });
  const gaps = clip.streams.flatMap(({ gaps }) => gaps);
  const list = element("ul", undefined, "small");
  for (const { from, to, cause } of gaps.slice(0, 50)) {
    list.append(element("li", `no footage from ${time(from)} to ${time(to)}${cause ? ` (${cause})` : ""}`));
  }
  if (gaps.length > 50) list.append(element("li", `and ${gaps.length - 50} more gaps, see manifest.json`));
  const codecs = clip.streams.flatMap(({ codecs }) => codecs).join(", ");
  card.append(video, trouble, element("p", `${clip.file}, ${size(clip.bytes)}, ${codecs}`, "small"), list);
  find("clips").append(card);
  return { clip, video, from: Date.parse(clip.from), to: Date.parse(clip.to) };
});

document.title = data.name;
find("name").textContent = data.name;
find("about").textContent = `${time(data.from)} to ${time(data.to)}. Exported by ${data.by}, ${time(data.made)}, with ${data.software}.`;
find("key").textContent = data.publicKey;
if (data.withoutFootage.length > 0) {
  find("about").append(element("span", ` Nothing was recorded then of: ${data.withoutFootage.join(", ")}.`, "doubt"));
}

/** All clips on one clock. */
const together = {
  from: Math.min(...shown.map(({ from }) => from)),
  to: Math.max(...shown.map(({ to }) => to)),
  at: 0,
  timer: undefined,
  play() {
    let last = performance.now();
    this.timer = setInterval(() => {
      const now = performance.now();
      this.at += now - last;
      last = now;
      if (this.from + this.at >= this.to) this.pause();
      else this.show();
    }, 250);
    shown.slice(1).forEach(({ video }) => {
      video.muted = true;
    });
    this.show();
    find("play").textContent = "Pause";
  },
  pause() {
    clearInterval(this.timer);
    this.timer = undefined;
    shown.forEach(({ video }) => video.pause());
    find("play").textContent = "Play all in step";
  },
  show() {
    for (const { video, from, to } of shown) {
      const place = (this.from + this.at - from) / 1000;
      const inside = place >= 0 && this.from + this.at < to;
      // A player is a little late or early; what can be seen is put right.
      if (inside && Math.abs(video.currentTime - place) > 0.3) video.currentTime = place;
      if (!inside || this.timer === undefined) video.pause();
      else if (video.paused) video.play().catch(() => {});
    }
    find("place").value = String((1000 * this.at) / Math.max(1, this.to - this.from));
    find("now").textContent = time(this.from + this.at);
  },
};

if (shown.length > 1) {
  find("together").hidden = false;
  find("play").addEventListener("click", () => (together.timer ? together.pause() : together.play()));
  find("place").addEventListener("input", (event) => {
    together.at = (Number(event.target.value) / 1000) * (together.to - together.from);
    together.show();
  });
}

function tell({ wrong, left, signature, key }) {
  const verdict = find("verdict");
  const say = (className, words) => verdict.append(element("strong", words, className));
  const list = (names) => {
    const all = element("ul");
    names.forEach((name) => all.append(element("li", name)));
    verdict.append(all);
  };
  if (wrong.length > 0) {
    say("bad", "It is not as it was exported.");
    list(wrong);
  } else if (signature !== "good") {
    say("doubt", "Not proven: this browser cannot check the signature (Ed25519).");
    verdict.append(element("p", "The files are those that the manifest names; whether the recorder has signed the manifest was not checked."));
  } else if (left.length === 0) {
    say("good", "Nothing was changed since it was signed.");
  } else {
    say("doubt", "What was given is as it was signed; the rest was not checked.");
  }
  if (left.length > 0) {
    verdict.append(element("p", "Not among the files, and not checked:"));
    list(left);
  }
  if (signature === "good") verdict.append(element("p", `Signed with the key ${key}.`, "small"));
}

async function take(given) {
  find("verdict").replaceChildren();
  let read = 0;
  try {
    const files = await filesOf(given);
    for (const { clip, video } of shown) {
      const file = files.get(clip.file);
      if (!file) continue;
      if (video.src.startsWith("blob:")) URL.revokeObjectURL(video.src);
      video.src = URL.createObjectURL(file.slice(0, file.size, "video/mp4"));
    }
    const verdict = await verify(files, data, (bytes) => {
      read += bytes;
      find("busy").textContent = `Reading: ${size(read)}`;
    });
    tell(verdict);
  } catch (error) {
    find("verdict").append(element("strong", `It could not be verified: ${error.message}.`, "bad"));
  }
  find("busy").textContent = "";
}

find("files").addEventListener("change", (event) => take([...event.target.files]));
for (const kind of ["dragenter", "dragover"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    document.body.classList.add("over");
  });
}
document.addEventListener("dragleave", () => document.body.classList.remove("over"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("over");
  take([...event.dataTransfer.files]);
});
