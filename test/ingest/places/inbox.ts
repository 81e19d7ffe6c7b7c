import { INBOX_BOUNDS, inboxSource } from '@weir/ingest'
import { deps, type Place, type Places } from './place.ts'

/** What is pushed in pieces below 1,000 bytes, each again by the next source until a commit has covered it. */
export async function inboxPlaces(): Promise<Places> {
  return {
    async place(): Promise<Place> {
      const unanswered = new Set<string>()
      return {
        write: async (lines) => {
          for (let n = 0; n < lines.length; n += 2)
            unanswered.add(
              lines
                .slice(n, n + 2)
                .map((line) => `${line}\n`)
                .join(''),
            )
        },
        source(bytesInFlightMax = INBOX_BOUNDS.bytesInFlightMax) {
          const source = inboxSource(
            { ...INBOX_BOUNDS, name: 'source', statusMs: 20, bytesInFlightMax },
            deps,
          )
          const pushAll = (): void => {
            for (const text of unanswered)
              source.push({ pieces: [Buffer.from(text)], key: text }).then(
                () => unanswered.delete(text),
                () => undefined,
              )
          }
          return {
            name: 'source',
            run(context) {
              const ended = source.run(context)
              pushAll()
              return ended
            },
          }
        },
      }
    },
    async close() {},
  }
}
