import type { KubernetesObject, StatefulSet } from './objects.js'

/** The programs that this machine has in the place of images. */
const OWN_IMAGES = /(^|\/)(redis|valkey|node)(:|$)|(^|\/)valkey\//

/** Takes out the containers whose programs are not here (redis_exporter): the list of what is not modelled names them. */
export function withoutForeignImages(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  return objects.map((object) => {
    const set = object as StatefulSet
    const spec = (set as Partial<StatefulSet>).spec?.template?.spec
    if (spec === undefined) return object
    const containers = spec.containers.filter(({ image }) => OWN_IMAGES.test(image))
    return { ...set, spec: { ...set.spec, template: { ...set.spec.template, spec: { ...spec, containers } } } }
  })
}
