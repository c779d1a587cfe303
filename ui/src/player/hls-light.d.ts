// The part of the library without what live pictures do not need has no types of its own.
declare module "hls.js/light" {
  import Hls from "hls.js";
  export default Hls;
}
