import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isRuleFile, loadRules, type RuleFile, type RuleSet } from '@weir/engine'
import { DATASETS } from '@weir/normalize'
import { WeirError } from '@weir/runtime'

/** Every file of rules, named conditions and watchlists below some folders. Throws `WeirError` INPUT_UNREADABLE. */
export async function readRuleFiles(folders: readonly string[]): Promise<RuleFile[]> {
  const paths = (await Promise.all(folders.map(ruleFilesBelow))).flat()
  return await Promise.all(paths.map(async (path) => ({ path, text: await readFile(path, 'utf8') })))
}

export async function loadRuleFolders(folders: readonly string[]): Promise<RuleSet> {
  return loadRules(await readRuleFiles(folders), DATASETS)
}

/** What changes when a rule file does: names, sizes and times. Cheap enough to ask every few seconds. */
export async function fingerprint(folders: readonly string[]): Promise<string> {
  const paths = (await Promise.all(folders.map(ruleFilesBelow))).flat()
  const marks = await Promise.all(
    paths.map(async (path) => {
      const { size, mtimeMs } = await stat(path)
      return `${path} ${size} ${mtimeMs}`
    }),
  )
  return marks.join('\n')
}

async function ruleFilesBelow(folder: string): Promise<string[]> {
  try {
    if ((await stat(folder)).isFile()) return [folder]
    const names = await readdir(folder, { recursive: true })
    return names
      .filter(isRuleFile)
      .sort()
      .map((name) => join(folder, name))
  } catch (cause) {
    throw new WeirError('INPUT_UNREADABLE', `cannot read rules in ${folder}`, { cause })
  }
}
