// English: what only pages behind the first ones say. It comes with them, and is a part of `en` from then on.

import { en } from "../en";
import { camerasTexts } from "./cameras";
import { exportsTexts } from "./exports";
import { recordingsTexts } from "./recordings";
import { storageTexts } from "./storage";
import { systemTexts } from "./system";

export interface Later {
  exports: typeof exportsTexts;
  manage: typeof camerasTexts;
  recordings: typeof recordingsTexts;
  storage: typeof storageTexts;
  system: typeof systemTexts;
}

Object.assign(en, { exports: exportsTexts, recordings: recordingsTexts, storage: storageTexts });
Object.assign(en.manage, camerasTexts);
Object.assign(en.system, systemTexts);
