// English: schedules, and recording on demand.

export const en = {
  when: "When it is recorded",
  always: "Always",
  weekly: "At certain times",
  help: "Live pictures go on at all times. Times are those of the recorder’s time zone.",
  days: "Days",
  from: "From",
  to: "To",
  row: (n: number) => `Time ${n}`,
  add: "Add a time",
  remove: (n: number) => `Remove time ${n}`,
  noDays: "Choose a day.",
  noLength: "It ends when it begins. For the whole day: 00:00 to 00:00.",
  needsTime: "Write when it begins and ends.",
  everyDay: "every day",
  daysFromTo: (first: string, last: string) => `${first}–${last}`,
  allDay: (days: string) => `${days} all day`,
  span: (days: string, from: string, to: string) => `${days} from ${from} to ${to}`,
  overnight: (days: string, from: string, to: string) =>
    `${days} from ${from} until ${to} the next day`,
  means: (times: string) => `Recorded ${times}.`,
  meansAlways: "Recorded around the clock.",

  now: "Record now",
  nowOf: (name: string) => `Record now: ${name}`,
  nowFor: (length: string) => `Record for ${length}`,
  begun: (name: string, until: string) => `${name} is recorded until ${until}`,
  ended: (name: string) => `${name} is recorded as its settings say`,
  until: (until: string, left: string) => `Recorded on demand until ${until}, ${left} left`,
  stop: "Stop",
  stopOf: (name: string) => `Stop recording ${name} on demand`,
  longer: (length: string) => `${length} from now`,
  outsideUntil: (at: string) => `Outside its schedule; next ${at}`,
  insideUntil: (at: string) => `By its schedule until ${at}`,
  failed: (why: string) => `It was not changed: ${why}`,
};

export type ScheduleTexts = typeof en;
