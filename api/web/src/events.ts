// Server-Sent Events read with fetch, as EventSource does not tell a refusal from a server that restarts. A stream that ends is opened again, from
// the last event on.

interface ServerEvent {
  id: string
  event: string
  data: string
}

// EventReader takes the pieces of a stream as they come and gives the events that are whole.
export class EventReader {
  private rest = ''

  read(piece: string): ServerEvent[] {
    const blocks = (this.rest + piece).split('\n\n')
    this.rest = blocks.pop() ?? ''
    return blocks.flatMap((block) => {
      const found: ServerEvent = { id: '', event: 'message', data: '' }
      for (const line of block.split('\n')) {
        const colon = line.indexOf(':')
        const [name, value] = [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')]
        if (name === 'id' || name === 'event') found[name] = value
        if (name === 'data') found.data += (found.data && '\n') + value
      }
      return found.data ? [found] : []
    })
  }
}

interface EventListener {
  opened(): void
  received(event: ServerEvent): void
  lost(): void // and it is tried again
  refused(status: number): void // and it is not
}

const firstWait = 1_000
const longestWait = 10_000
const quietFor = 40_000 // the server sends a comment every 15 seconds: a stream that says nothing for longer is dead

// follow reads a stream until the signal says stop.
export async function follow(address: string, signal: AbortSignal, listener: EventListener): Promise<void> {
  let last = ''
  let wait = firstWait
  while (!signal.aborted) {
    const attempt = new AbortController()
    const stop = (): void => attempt.abort()
    signal.addEventListener('abort', stop)
    let alive = setTimeout(stop, quietFor)
    try {
      const answer = await fetch(address, {
        headers: { Accept: 'text/event-stream', ...(last && { 'Last-Event-ID': last }) },
        cache: 'no-store',
        signal: attempt.signal,
      })
      if (answer.status === 401 || answer.status === 403) return listener.refused(answer.status)
      if (answer.status === 400) last = '' // it is no cursor any more
      if (answer.ok && answer.body) {
        listener.opened()
        wait = firstWait
        const events = new EventReader()
        const pieces = answer.body.pipeThrough(new TextDecoderStream()).getReader()
        for (let piece = await pieces.read(); !piece.done; piece = await pieces.read()) {
          clearTimeout(alive)
          alive = setTimeout(stop, quietFor)
          for (const event of events.read(piece.value)) {
            last = event.id || last
            listener.received(event)
          }
        }
      }
    } catch {
      // The connection was lost: what to do is the same as where the server has ended it.
    } finally {
      clearTimeout(alive)
      signal.removeEventListener('abort', stop)
    }
    if (signal.aborted) return
    listener.lost()
    await new Promise((resume) => setTimeout(resume, wait * (0.75 + Math.random() / 2)))
    wait = Math.min(2 * wait, longestWait)
  }
}
