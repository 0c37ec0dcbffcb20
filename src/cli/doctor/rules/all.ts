import type { Rule } from '../rule.js'
import * as access from './access.js'
import * as capacity from './capacity.js'
import * as durability from './durability.js'
import * as names from './names.js'
import * as quorum from './quorum.js'
import * as reach from './reach.js'
import * as replication from './replication.js'
import * as roles from './roles.js'
import * as sameness from './sameness.js'
import * as timing from './timing.js'
import * as views from './views.js'

/** In the order in which they are told among those of the same severity. */
export const RULES: readonly Rule[] = [
  roles,
  reach,
  views,
  quorum,
  replication,
  names,
  access,
  timing,
  durability,
  capacity,
  sameness
].flatMap((subject): readonly Rule[] => Object.values(subject))
