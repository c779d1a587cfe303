// English: what only pages behind the first ones say. It comes with them, and is a part of `en` from then on.

import { en } from "../en";
import { makeWhole } from "../whole";
import { camerasTexts } from "./cameras";
import { choosingTexts } from "./choosing";
import { exportsTexts } from "./exports";
import { recordingsTexts } from "./recordings";
import { storageTexts } from "./storage";
import { systemTexts } from "./system";

export interface Later {
  choosing: typeof choosingTexts;
  exports: typeof exportsTexts;
  manage: typeof camerasTexts;
  recordings: typeof recordingsTexts;
  storage: typeof storageTexts;
  system: typeof systemTexts;
}

const later: Later = {
  choosing: choosingTexts,
  exports: exportsTexts,
  manage: camerasTexts,
  recordings: recordingsTexts,
  storage: storageTexts,
  system: systemTexts,
};

makeWhole(en, later);
