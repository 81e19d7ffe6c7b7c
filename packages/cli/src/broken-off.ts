import type { WeirError } from '@weir/runtime'
import { EXIT } from './exit.ts'
import type { Output } from './output.ts'

/** An input that broke off is told at once; the others go on, and the exit code says that something is missing. */
export function tellBrokenOff(failure: WeirError, output: Output): void {
  output.note(`weir: ${failure.code} ${failure.message}`)
  process.exitCode = EXIT.findings
}
