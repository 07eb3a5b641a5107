// Splits one of the engine's streams (events, pull progress) into the JSON values it carries, one a line. Before:
// event-stream.ts and image-cache.ts.

/** Characters; longer than any event or progress line: a stream that never ends a line is not one of the engine's. */
const MAX_LINE = 1024 * 1024

export async function* jsonLines(stream: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of stream) {
    rest += chunk instanceof Uint8Array ? decoder.decode(chunk, { stream: true }) : String(chunk)
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line)
    if (rest.length > MAX_LINE) throw new Error(`a line of the engine's stream exceeds ${MAX_LINE} characters`)
  }
  if (rest.trim() !== '') yield JSON.parse(rest)
}
