import type { Alert, HealthNotice, NoticeStore } from '@weir/model'
import type { Database } from 'better-sqlite3'

/**
 * Health alerts that wait for one webhook; of those before the newest so many, which an outage of days may leave,
 * only conditions that still stand are told.
 */
const NOTICES_WAITING_MAX = 1000

/** Health alerts by the number of their last change, with a mark for each who is told of them. */
export function noticesOver(database: Database): NoticeStore {
  const forget = ['notice_mark', 'notice_told'].map((table) =>
    database.prepare(`delete from ${table} where name not in (select value from json_each(?))`),
  )
  const begin = database.prepare(
    `insert or ignore into notice_mark
     select value, 0, (select coalesce(max(changed), 0) from alert) from json_each(?)`,
  )
  const settle = database.prepare(
    `update notice_mark set settled = due.changed from (
       select alert.changed from alert join notice_mark as mark on alert.changed > mark.changed
       where alert.kind = 'health' and mark.name = @name order by alert.changed desc limit 1 offset @waiting
     ) as due where name = @name and settled < due.changed`,
  )
  const read = database.prepare(
    `select alert.changed, alert.doc, told.alert is not null as told from notice_mark as mark
     join alert on alert.kind = 'health' and alert.changed > mark.changed
     left join notice_told as told on told.name = mark.name and told.alert = alert.id
     where mark.name = ? and (alert.status = 'open' or alert.changed > mark.settled or told.alert is not null)
     order by alert.changed limit ?`,
  )
  const move = database.prepare('update notice_mark set changed = max(changed, ?) where name = ?')
  const tell = database.prepare('insert or ignore into notice_told values (?, ?)')
  const untell = database.prepare('delete from notice_told where name = ? and alert = ?')
  const inOne = database.transaction((work: () => void) => work())

  return {
    beginNotices: async (names) => {
      const list = JSON.stringify(names)
      inOne(() => {
        for (const each of forget) each.run(list)
        begin.run(list)
      })
    },
    notices: async (name, limit) => {
      settle.run({ name, waiting: NOTICES_WAITING_MAX })
      return (read.all(name, limit) as NoticeRow[]).map(noticeOf)
    },
    noticed: async (name, { changed, alert: { weir } }) => {
      const { id, status } = weir.alert
      inOne(() => {
        move.run(changed, name)
        if (status === 'open') tell.run(name, id)
        else untell.run(name, id)
      })
    },
  }
}

interface NoticeRow {
  readonly changed: number
  readonly doc: string
  readonly told: 0 | 1
}

function noticeOf({ changed, doc, told }: NoticeRow): HealthNotice {
  return { changed, alert: JSON.parse(doc) as Alert, told: told === 1 }
}
