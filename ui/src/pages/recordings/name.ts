/** `front-door main 2026-11-23T13-03-12Z.mp4`: sorts by time, and is allowed everywhere. */
export function clipName(camera: string, stream: string, from: number): string {
  const at = new Date(from).toISOString().slice(0, 19).replaceAll(":", "-");
  return `${camera} ${stream} ${at}Z.mp4`;
}
