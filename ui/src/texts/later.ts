// The words of all pages, for those behind the first ones: what they say in English comes with them.

import "./en/later";

export { whole as t } from "./index";
