export * from './match/matcher.ts'
export * from './rule/load.ts'
export type { Problem, ProblemCode } from './rule/problem.ts'
export * from './rule/rule.ts'
