export * from './alert-v1.ts'
export * from './api.ts'
export * from './feed.ts'
export * from './problem.ts'
