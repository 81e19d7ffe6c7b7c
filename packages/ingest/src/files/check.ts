import type { Clock } from '@weir/runtime'
import { look, type SourceCheck } from '../look.ts'
import { filesOf } from './inputs.ts'
import type { FileConfig } from './source.ts'

/** Lists the inputs; reads none. */
export async function checkFiles(
  { name, inputs }: Pick<FileConfig, 'name' | 'inputs'>,
  clock: Clock,
): Promise<SourceCheck[]> {
  const find = async () => `${(await filesOf(inputs)).length} files`
  return [await look(name, 'look at the path and at who may read it', clock, find)]
}
