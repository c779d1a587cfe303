// English: groups of cameras, their arrangement, kiosk, and what a live tile can do.

import { number } from "../format";

export const wallTexts = {
  groups: {
    heading: "Groups of cameras",
    button: "Groups",
    all: "All cameras",
    none: "Put cameras that belong together into a group, in your own order. Groups stay on this device.",
    make: "New group",
    change: (name: string) => `Change the group ${name}`,
    name: "Name of the group",
    cameras: "Cameras in this group",
    up: (name: string) => `Move ${name} up`,
    down: (name: string) => `Move ${name} down`,
    save: "Save",
    remove: "Delete this group",
    removeSure: (name: string) => `Really delete ${name}?`,
    needName: "Give it a name.",
    needCamera: "Choose at least one camera.",
    empty: "The cameras of this group are gone",
    emptyDetail: "Change the group, or show all cameras.",
  },
  arrange: {
    start: "Arrange the tiles",
    heading: "Arrange the tiles",
    hint: "Drag to move, drag a corner to resize. Arrows move, Shift and arrows resize.",
    done: "Done",
    undo: "Undo",
    automatic: "Automatic",
    automaticTip: "Place and size by the shapes of the pictures",
    tile: (name: string, column: number, row: number) =>
      `${name}, column ${number(column)}, row ${number(row)}`,
    size: (across: number, down: number) => `${number(across)} wide and ${number(down)} high`,
    undone: "Undone",
  },
  kiosk: {
    start: "Kiosk: pictures only",
    leave: "Leave the kiosk",
    cycle: "Kiosk changes groups",
    never: "Never",
    seconds: (n: number) => `Every ${number(n)} s`,
  },
  fallback: {
    stills: (seconds: number) => `Pictures every ${number(seconds)} s`,
    hls: "Live, a little later",
    soon: "Single pictures are shown instead, as soon as one comes.",
    reasons: {
      blocked: "The way to the recorder lets no WebSocket through",
      media: "This browser cannot play streams",
      codec: "This browser cannot play what the camera sends",
      pictures: "This camera sends single pictures",
      hls: "The stream could not be played",
    },
  },
  zoom: {
    in: "Zoom into the picture",
    out: "Zoom out of the picture",
    reset: "Whole picture",
    level: (times: number) => `${number(times, 1)}×`,
  },
  more: (name: string) => `More for ${name}`,
};
