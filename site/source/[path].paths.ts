import { linked, sourcePage } from '../repository.js'

/** A page for each file of the repository that the documents link to. */
export default {
  paths: () => linked('source').map((path) => ({ params: { path }, content: sourcePage(path) }))
}
