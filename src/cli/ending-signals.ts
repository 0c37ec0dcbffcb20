/** What a terminal, a supervisor and a terminal that goes send to have a command end. */
export const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
