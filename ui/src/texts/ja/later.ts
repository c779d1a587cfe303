// Japanese: what only pages behind the first ones say.

import type { Later } from "../en/later";
import { camerasTexts } from "./cameras";
import { choosingTexts } from "./choosing";
import { exportsTexts } from "./exports";
import { recordingsTexts } from "./recordings";
import { storageTexts } from "./storage";
import { systemTexts } from "./system";

export const later: Later = {
  choosing: choosingTexts,
  exports: exportsTexts,
  manage: camerasTexts,
  recordings: recordingsTexts,
  storage: storageTexts,
  system: systemTexts,
};
