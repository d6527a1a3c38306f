export async function authenticate() {
    return [];
}
