// Whether the page is being filled: tests and printers wait until it is not.

let underWay = 0
let mapDraws = true

export async function busy<T>(work: Promise<T>): Promise<T> {
  underWay++
  show()
  try {
    return await work
  } finally {
    underWay--
    show()
  }
}

export function mapIsBusy(is: boolean): void {
  mapDraws = is
  show()
}

function show(): void {
  document.documentElement.dataset['state'] = underWay > 0 || mapDraws ? 'busy' : 'ready'
}
