import { WeirError } from './errors.ts'

/** Something that was started and must be stopped. */
export interface Stoppable {
  stop(): Promise<void> | void
}

/** Stops what was started, last first; one failure does not keep the others from stopping. */
export class Lifecycle implements Stoppable {
  readonly #parts: { readonly name: string; readonly part: Stoppable }[] = []

  add<T extends Stoppable>(name: string, part: T): T {
    this.#parts.push({ name, part })
    return part
  }

  async stop(): Promise<void> {
    const failures: unknown[] = []
    for (const { part } of this.#parts.splice(0).reverse()) {
      try {
        await part.stop()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw new AggregateError(failures)
  }
}

/** An AbortSignal that fires at SIGINT or SIGTERM; a second signal ends the process at once. */
export function untilSignalled(target: NodeJS.Process): AbortSignal {
  const controller = new AbortController()
  const stop = (): void => {
    if (controller.signal.aborted) target.exit(130)
    controller.abort(new WeirError('WRONG_USE', 'stopped by signal'))
  }
  target.on('SIGINT', stop)
  target.on('SIGTERM', stop)
  return controller.signal
}

/** Resolves when the signal aborts. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
