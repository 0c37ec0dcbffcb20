/**
 * Put before the command of every process of a cluster. A handover is dozens of short processes one after the other, and what is
 * measured is how long they take, not what else the machine does: a build beside them made seconds of it.
 */
export const NICE = 'nice'
export const NICE_ARGUMENTS = ['-n', '-10'] as const
