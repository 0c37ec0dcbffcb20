/** The element of the page with this id. */
export function byId<Kind extends HTMLElement = HTMLElement>(id: string): Kind {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`the page has no #${id}`)
  return found as Kind
}

type Attributes = Readonly<Record<string, string>>

/** An element with attributes, and with text or other elements in it. Text is never HTML. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...content: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...content)
  return made
}

export function svg<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...content: readonly (Node | string)[]
): SVGElementTagNameMap[Name] {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...content)
  return made
}

/**
 * Makes the content of a host equal to this, and leaves what is equal already: the same node stays there, and what somebody has selected in
 * it stays selected.
 */
export function settle(host: Element, content: readonly Node[]): void {
  content.forEach((wanted, index) => {
    const there = host.childNodes[index]
    if (there === undefined) host.append(wanted)
    else if (!there.isEqualNode(wanted)) become(there, wanted)
  })
  while (host.childNodes.length > content.length) host.lastChild?.remove()
}

function become(there: ChildNode, wanted: Node): void {
  if (there.nodeName !== wanted.nodeName) {
    there.replaceWith(wanted)
    return
  }
  if (!(there instanceof Element && wanted instanceof Element)) {
    there.nodeValue = wanted.nodeValue
    return
  }
  for (const name of there.getAttributeNames()) if (!wanted.hasAttribute(name)) there.removeAttribute(name)
  for (const { name, value } of wanted.attributes) there.setAttribute(name, value)
  settle(there, [...wanted.childNodes])
}

/** Changes the text only when it is another one: a live region speaks at each change. */
export function setText(host: Element, text: string): void {
  if (host.textContent !== text) host.textContent = text
}
