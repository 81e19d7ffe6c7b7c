import { DAY_MS } from '../durations.ts'
import type { ListingWay } from './config.ts'

/** Where the objects of one account and region lie, day by day. */
export interface DayFolders {
  /** Names it, for what is remembered of it. */
  readonly name: string
  /** The folder of the day that a time lies in, with its slash. */
  readonly of: (time: number) => string
}

/** Asks for the folders right below a prefix, with their slashes. */
export type ListFolders = (prefix: string) => Promise<readonly string[]>

/**
 * The accounts and regions below `[prefix]AWSLogs/[o-…/]<account>/<service>/`, found folder by folder; a template
 * of days needs no search. Stops at `foldersMax`.
 */
export async function findFolders(
  { prefix = '', service, days }: ListingWay,
  list: ListFolders,
  foldersMax: number,
): Promise<readonly DayFolders[]> {
  if (days !== undefined) return [{ name: days, of: (time) => inTemplate(days, time) }]
  const accounts: string[] = []
  for (const folder of await list(`${prefix}AWSLogs/`)) {
    if (isAccount(folder)) accounts.push(folder)
    else if (/\/o-[a-z0-9]+\/$/.test(folder)) accounts.push(...(await list(folder)).filter(isAccount))
  }
  const regions = await Promise.all(accounts.map((account) => list(`${account}${service}/`)))
  return regions
    .flat()
    .slice(0, foldersMax)
    .map((region) => ({ name: region, of: (time) => region + dayPath(time) }))
}

function isAccount(folder: string): boolean {
  return /\/\d{12}\/$/.test(`/${folder}`)
}

/** `2026/03/10/`, UTC. */
function dayPath(time: number): string {
  return `${isoDay(time).replaceAll('-', '/')}/`
}

function inTemplate(days: string, time: number): string {
  const [year, month, day] = isoDay(time).split('-') as [string, string, string]
  return days.replaceAll('{yyyy}', year).replaceAll('{mm}', month).replaceAll('{dd}', day)
}

function isoDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}

/** The days from one time to another, one time within each. */
export function daysFrom(from: number, to: number): number[] {
  const first = from - (from % DAY_MS)
  return Array.from(
    { length: Math.max(0, Math.floor((to - first) / DAY_MS) + 1) },
    (_, n) => first + n * DAY_MS,
  )
}

/** `<account>_CloudTrail_<region>_20260310T0905Z_…`: what stands before the delivery minute, and the minute. */
const NAMED = /^(.*\/)?(\d{12}_CloudTrail_[a-z0-9-]+_)(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})Z_/

/**
 * Where a further listing of a folder may begin, given a key that it has shown: before all keys of the minute that is
 * `overlapMs` earlier. `undefined` for keys that do not tell when they were delivered, or where that was another day.
 */
export function startAfter(key: string, overlapMs: number): string | undefined {
  const parts = NAMED.exec(key)
  if (parts === null) return undefined
  const [, folder = '', name, year, month, day, hour, minute] = parts
  const time = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute))
  const back = new Date(time - overlapMs).toISOString()
  if (back.slice(0, 10) !== `${year}-${month}-${day}`) return undefined
  return `${folder}${name}${back.slice(0, 16).replace(/[-:]/g, '')}Z`
}
