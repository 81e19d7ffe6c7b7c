import { first, folded, type Path, type Row, text } from './read.ts'

const XMLSOAP = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/'
const MICROSOFT = 'http://schemas.microsoft.com/identity/claims/'

/** Who called, out of the token's claims that a service copied to `at`; long and short claim names. */
export function claims(
  at: readonly string[],
): Readonly<Record<'name' | 'id' | 'fullName' | 'app' | 'ip', Row>> {
  const claim = (key: string): Row => text([...at, key] satisfies Path)
  return {
    name: folded(
      first(
        claim(`${XMLSOAP}upn`),
        claim('upn'),
        claim(`${XMLSOAP}name`),
        claim('unique_name'),
        claim('name'),
      ),
    ),
    id: first(claim(`${MICROSOFT}objectidentifier`), claim('oid')),
    fullName: first(claim('name'), claim(`${XMLSOAP}name`)),
    app: claim('appid'),
    ip: claim('ipaddr'),
  }
}
