/** ECS `event.type` by the verb that an operation's name holds; `info` for verbs of neither kind. */
export function actionType(action: string): readonly string[] {
  const verb = (LAST.exec(action) ?? FIRST.exec(action))?.[0].toLowerCase()
  return verb === undefined ? INFO : (TYPES.get(verb) ?? INFO)
}

/** ARM operations and Key Vault's end with their verb. */
const LAST =
  /(?<=\/)(?:write|delete|read)$|(?<=^(?:Vault|Key|Secret|Certificate))(?:Get|List|Set|Create|Delete|Update|Patch|Put|Purge|Import|Restore)$/i

/** Others, in camel case, with hyphens or in words, begin with it. */
const FIRST = /^[A-Za-z][a-z]*(?=[A-Z0-9 -]|$)/

const INFO: readonly string[] = ['info']

const TYPES: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    creation: 'add create new invite register put upload import',
    deletion: 'delete remove purge hard harddelete softdelete terminate deregister',
    change:
      'update set modify change reset attach detach enable disable restore move rename write patch grant revoke',
    access: 'get list describe read head lookup view download',
    start: 'start run invoke',
    end: 'stop',
  }).flatMap(([type, verbs]) => verbs.split(' ').map((verb) => [verb, [type]] as const)),
)
