// English: adding, changing and removing cameras.

import { bytes } from "../format";

export const camerasTexts = {
  intro: "What is recorded. A change touches the camera it is made to, and no other.",
  add: "Add a camera",
  forbidden: "Your account may not change cameras. Someone who manages accounts can change that.",
  edit: "Edit",
  editOf: (name: string) => `Edit ${name}`,
  pause: "Pause",
  pauseOf: (name: string) => `Pause ${name}`,
  resume: "Resume",
  resumeOf: (name: string) => `Resume ${name}`,
  remove: "Remove",
  removeOf: (name: string) => `Remove ${name}`,
  paused: (name: string) => `${name} is paused. What was recorded stays.`,
  resumed: (name: string) => `${name} is connected again`,
  pausedChip: "Paused",
  byFile: "Set in a file",
  byFileDetail: "The configuration file names this camera, and it is changed there:",
  failed: (why: string) => `That did not work: ${why}`,

  removeHeading: (name: string) => `Remove ${name}?`,
  removeDetail: (n: number) =>
    `It is disconnected, and neither it nor its recordings (${bytes(n)}) are shown any more. They stay on the disk until they are too old by its limits; adding it again under the same name brings them back. To go on looking at them, pause it instead.`,
  removeFootage: "Delete its recordings at once",
  removeFootageHelp: "That cannot be undone. It does not work while some of them are protected.",
  removeYes: "Remove it",
  removeNo: "Keep it",
  removed: (name: string) => `${name} is removed`,
  removedInPart:
    "It is removed, but perhaps not all that goes with it was done. The recorder’s log says what is left.",

  where: "Where it is",
  brand: "Brand",
  brandHelp: "Each brand has its own addresses. They are filled in below, and can be changed.",
  brandOther: "Another, I know the address",
  host: "Camera’s address in the network",
  hostHelp: "Such as 192.168.1.20. The router’s list of devices, or the maker’s app, shows it.",
  mainUrl: "Address of the main stream",
  mainUrlHelp:
    "It is recorded in full quality. It begins with rtsp:// and stands in the camera’s manual.",
  subUrl: "Address of the sub-stream",
  subUrlHelp:
    "A small picture for walls and phones. It spares the network; without it all see the main one.",
  otherUrl: (stream: string) => `Address of the stream “${stream}”`,
  otherUrlHelp: "One more picture of the same camera. Without an address it is taken out.",
  username: "User name",
  usernameHelp: "The one set on the camera itself. Best is one that may only watch.",
  password: "Password",
  passwordHelp: "It is kept by the recorder for this connection only, and is never shown again.",
  passwordStays: "There is one, and it stays unless you type another.",
  name: "Name",
  nameHelp:
    "What people call it, such as “Front door”. Without one it is called what it calls itself.",
  nameHelpEdit: "What people call it. Its address on these pages stays.",

  test: "Test",
  testAgain: "Test again",
  testing: "Asking the camera. That takes a few seconds.",
  testHelp: "Asks the camera once, and shows what it sends. Nothing is saved by it.",
  seen: "The camera answers",
  seenSub: "The sub-stream answers",
  notSeen: "The main stream cannot be seen",
  notSeenSub: "The sub-stream cannot be seen",
  dropSub: "Go on without it",
  problems: {
    unreachable:
      "Nothing answers at this address. Look whether the camera is on and in the same network, whether the address is right, and whether RTSP is switched on in its settings.",
    silent:
      "Something is there, but it sends no picture. It may be starting, or have too many viewers: wait a minute, then test again.",
    denied:
      "It refuses the name or the password. They are those of the camera itself, not of the maker’s app; some cameras lock for minutes after wrong ones.",
    refused:
      "The camera is there, but not this path. Choose its brand, or look for “RTSP” in its manual.",
    unusable:
      "It answers, but sends nothing that can be recorded. Choose H.264 or H.265 in its settings.",
  } as Record<string, string>,
  said: "What it said",
  facts: {
    picture: "Picture",
    sound: "Sound",
    keys: "Key frames",
    clock: "Its clock",
    first: "First picture",
    software: "Calls itself",
  },
  noSound: "none",
  keysEvery: (time: string) => `every ${time}`,
  clockUnknown: "it does not say",
  atOnce: "at once",
  after: (time: string) => `after ${time}`,
  notRecordable: "cannot be recorded",
  advice: "Good to know",
  trackLeftOut: (why: string) => `${why.charAt(0).toUpperCase()}${why.slice(1)}.`,
  hints: {
    "no-key-frame":
      "No key frame came while it was watched. Set a shorter key frame interval on the camera.",
    "key-frames-rare":
      "Key frames come seldom. One every 1 to 2 s makes seeking and the live view start faster: “I-frame interval” or “GOP” on the camera; turn “smart codec” off.",
    "key-frames-few":
      "Fewer than two key frames came while it was watched. Set a shorter key frame interval on the camera.",
    h265: "H.265 is recorded as it comes, and not every browser plays it. All of them play a sub-stream in H.264 beside it.",
    mjpeg:
      "MJPEG takes some ten times the space, and the live view shows a picture of it every two seconds. Set the camera to H.264 if it can.",
    "no-audio": "It sends no sound.",
  },
  pictureOf: "A picture of what it sends now",

  more: "Recording",
  moreSub: "Recording of the sub-stream",
  moreOther: (stream: string) => `Recording of “${stream}”`,
  record: "Record it",
  recordHelp: "Without it the stream can be watched live, and nothing is kept.",
  streamPaused: "Pause this stream",
  streamPausedHelp: "It is not connected, and what was recorded stays.",
  maxDays: "Keep at most, days",
  maxDaysHelp: "What is older is deleted. Empty: until the disk is full.",
  maxSize: "Keep at most, GB",
  maxSizeHelp: "The oldest is deleted beyond that. Empty: no such limit.",
  minDays: "Keep at least, days",
  minDaysHelp: "Others give way first when the disk is full. Empty: no such promise.",
  volume: "Disk",
  volumeHelp: "Where new recordings go while that disk works. What is there stays where it is.",
  anyVolume: "Where most room is",

  save: "Save",
  saveUntested: "Save without a test",
  saved: (name: string) => `${name} is saved`,
  added: (name: string) => `${name} is added`,
  unchanged: "Nothing was changed",
  needsHost: "Write the camera’s address, such as 192.168.1.20.",
  needsUrl: "An address begins with rtsp:// and names the camera, as in rtsp://192.168.1.20/main.",
  needsBrand: (host: string) =>
    `The path to its pictures is missing. Choose the camera’s brand, which fills it in, or write the whole address: rtsp://${host}/…`,
  needsPath: (host: string) => `An address begins with rtsp:// and has a path: rtsp://${host}/…`,
  chooseBrand: "Choose the brand",
  needsNumber: "A whole number, 1 or more; or nothing.",
  needsSize: "A number of GB, such as 500 or 0.5; or nothing.",
  nameTaken: "There is a camera of this name already. Choose another one.",
  needsName: "A name of 1 to 64 letters, without lines and controls.",
  needsUser: "A password needs its user name, too.",
  needsOrder: "At most as many days as it is kept at most.",
  needsVolume: "There is no such disk any more. Choose another one.",
  gone: "There is no such camera any more.",
};
