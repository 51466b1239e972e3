/** How far the heap may grow between two collections of garbage, as a flag of V8. */
export const heapGrowing = '--heap-growing-percent=40';
