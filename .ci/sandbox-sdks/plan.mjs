// How to call each method of @clerk/backend: in this order, with what `s` has from the calls before.
// A method of the SDK that is not in this list fails the run.

// A picture of one pixel.
const PICTURE = Uint8Array.from(
    atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="),
    character => character.charCodeAt(0),
);
const picture = () => new Blob([PICTURE], { type: "image/png" });

// The secret of authenticator apps that every document has as its example, and a code for it.
export const TOTP_SECRET = "JBSWY3DPEHPK3PXP";

export async function totp(secret = TOTP_SECRET, now = Date.now()) {
    const bits = [...secret].map(c => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
    const key = Uint8Array.from(bits.match(/.{8}/g), byte => parseInt(byte, 2));
    const counter = new DataView(new ArrayBuffer(8));
    counter.setUint32(4, Math.floor(now / 30_000));
    const hmac = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-1" }, false, ["sign"]);
    const mac = new DataView(await crypto.subtle.sign("HMAC", hmac, counter));
    const offset = mac.getUint8(19) & 15;
    return String((mac.getUint32(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

const SAML = {
    name: "Acme SSO",
    provider: "saml_custom",
    idpEntityId: "https://idp.acme.example/entity",
    idpSsoUrl: "https://idp.acme.example/sso",
};

export const PLAN = [
    // Users, and what belongs to one.
    ["users.createUser", async (c, s) => {
        s.user = await c.users.createUser({
            emailAddress: ["walk@example.com"],
            phoneNumber: ["+12015550142"],
            web3Wallet: ["0x0123456789abcdef0123456789abcdef01234567"],
            username: "walker",
            externalId: "walk_1",
            firstName: "Walk",
            lastName: "Through",
            password: "correct horse battery",
            totpSecret: TOTP_SECRET,
            backupCodes: ["backup-1", "backup-2"],
            publicMetadata: { plan: "pro" },
        });
        return s.user;
    }],
    ["users.getUser", (c, s) => c.users.getUser(s.user.id)],
    ["users.getUserList", (c, s) => c.users.getUserList({ userId: [s.user.id], limit: 5 })],
    ["users.getCount", (c, s) => c.users.getCount({ emailAddress: ["walk@example.com"] })],
    ["users.updateUser", (c, s) => c.users.updateUser(s.user.id, { firstName: "Walked", publicMetadata: { plan: "max" } })],
    ["users.updateUserMetadata", (c, s) => c.users.updateUserMetadata(s.user.id, { privateMetadata: { crm: 1 } })],
    ["users.replaceUserMetadata", (c, s) => c.users.replaceUserMetadata(s.user.id, { unsafeMetadata: { theme: "dark" } })],
    ["users.updateUserProfileImage", (c, s) => c.users.updateUserProfileImage(s.user.id, { file: picture() })],
    ["users.deleteUserProfileImage", (c, s) => c.users.deleteUserProfileImage(s.user.id)],
    ["users.verifyPassword", (c, s) => c.users.verifyPassword({ userId: s.user.id, password: "correct horse battery" })],
    ["users.verifyTOTP", async (c, s) => c.users.verifyTOTP({ userId: s.user.id, code: await totp() })],
    ["users.setPasswordCompromised", (c, s) => c.users.setPasswordCompromised(s.user.id)],
    ["users.unsetPasswordCompromised", (c, s) => c.users.unsetPasswordCompromised(s.user.id)],
    ["users.deleteUserBackupCodes", (c, s) => c.users.deleteUserBackupCodes(s.user.id)],
    ["users.deleteUserTOTP", (c, s) => c.users.deleteUserTOTP(s.user.id)],
    ["users.disableUserMFA", (c, s) => c.users.disableUserMFA(s.user.id)],
    ["users.removePassword", (c, s) => c.users.removePassword(s.user.id)],
    ["users.deleteUserWeb3Wallet", (c, s) =>
        c.users.deleteUserWeb3Wallet({ userId: s.user.id, web3WalletIdentificationId: s.user.web3Wallets[0].id })],
    ["users.deleteUserPasskey", async (c, s) => {
        const [id, passkey] = await s.passkey();
        return c.users.deleteUserPasskey({ userId: id, passkeyIdentificationId: passkey });
    }],
    ["users.getUserOauthAccessToken", async (c, s) => c.users.getUserOauthAccessToken((await s.external())[0], "google")],
    ["users.deleteUserExternalAccount", async (c, s) => {
        const [userId, externalAccountId] = await s.external();
        return c.users.deleteUserExternalAccount({ userId, externalAccountId });
    }],
    ["users.banUser", (c, s) => c.users.banUser(s.user.id)],
    ["users.unbanUser", (c, s) => c.users.unbanUser(s.user.id)],
    ["users.lockUser", (c, s) => c.users.lockUser(s.user.id)],
    ["users.unlockUser", (c, s) => c.users.unlockUser(s.user.id)],

    ["emailAddresses.createEmailAddress", async (c, s) => (s.email = await c.emailAddresses.createEmailAddress({
        userId: s.user.id, emailAddress: "second@example.com", verified: true,
    }))],
    ["emailAddresses.getEmailAddress", (c, s) => c.emailAddresses.getEmailAddress(s.email.id)],
    ["emailAddresses.updateEmailAddress", (c, s) => c.emailAddresses.updateEmailAddress(s.email.id, { primary: true })],
    ["emailAddresses.deleteEmailAddress", (c, s) => c.emailAddresses.deleteEmailAddress(s.email.id)],
    ["phoneNumbers.createPhoneNumber", async (c, s) => (s.phone = await c.phoneNumbers.createPhoneNumber({
        userId: s.user.id, phoneNumber: "+12015550143", verified: true,
    }))],
    ["phoneNumbers.getPhoneNumber", (c, s) => c.phoneNumbers.getPhoneNumber(s.phone.id)],
    ["phoneNumbers.updatePhoneNumber", (c, s) => c.phoneNumbers.updatePhoneNumber(s.phone.id, { reservedForSecondFactor: true })],
    ["phoneNumbers.deletePhoneNumber", (c, s) => c.phoneNumbers.deletePhoneNumber(s.phone.id)],
    ["users.replaceUserEmailAddress", (c, s) => c.users.replaceUserEmailAddress(s.user.id, { emailAddress: "only@example.com" })],
    ["users.replaceUserPhoneNumber", (c, s) => c.users.replaceUserPhoneNumber(s.user.id, { phoneNumber: "+12015550144" })],

    // Roles and permissions, then organizations.
    ["organizationPermissions.createOrganizationPermission", async (c, s) =>
        (s.permission = await c.organizationPermissions.createOrganizationPermission({ name: "Read reports", key: "org:reports:read", description: "Reports" }))],
    ["organizationPermissions.getOrganizationPermissionList", c => c.organizationPermissions.getOrganizationPermissionList({ limit: 50 })],
    ["organizationPermissions.getOrganizationPermission", (c, s) => c.organizationPermissions.getOrganizationPermission(s.permission.id)],
    ["organizationPermissions.updateOrganizationPermission", (c, s) =>
        c.organizationPermissions.updateOrganizationPermission({ permissionId: s.permission.id, name: "Read the reports" })],
    ["organizationRoles.createOrganizationRole", async (c, s) =>
        (s.role = await c.organizationRoles.createOrganizationRole({ name: "Analyst", key: "org:analyst", description: "Reads" }))],
    ["organizationRoles.getOrganizationRoleList", c => c.organizationRoles.getOrganizationRoleList({ limit: 50 })],
    ["organizationRoles.getOrganizationRole", (c, s) => c.organizationRoles.getOrganizationRole(s.role.id)],
    ["organizationRoles.updateOrganizationRole", (c, s) =>
        c.organizationRoles.updateOrganizationRole({ organizationRoleId: s.role.id, name: "Data analyst" })],
    ["organizationRoles.assignPermissionToOrganizationRole", (c, s) =>
        c.organizationRoles.assignPermissionToOrganizationRole({ organizationRoleId: s.role.id, permissionId: s.permission.id })],
    ["organizationRoles.removePermissionFromOrganizationRole", (c, s) =>
        c.organizationRoles.removePermissionFromOrganizationRole({ organizationRoleId: s.role.id, permissionId: s.permission.id })],
    ["roleSets.createRoleSet", async (c, s) => (s.roleSet = await c.roleSets.createRoleSet({
        name: "Walk", key: "role_set:walk", defaultRoleKey: "org:member", creatorRoleKey: "org:admin", roles: ["org:admin", "org:member"],
    }))],
    ["roleSets.getRoleSetList", c => c.roleSets.getRoleSetList({ limit: 5 })],
    ["roleSets.getRoleSet", (c, s) => c.roleSets.getRoleSet(s.roleSet.key)],
    ["roleSets.updateRoleSet", (c, s) => c.roleSets.updateRoleSet({ roleSetKeyOrId: s.roleSet.key, name: "Walked" })],
    ["roleSets.addRolesToRoleSet", (c, s) => c.roleSets.addRolesToRoleSet({ roleSetKeyOrId: s.roleSet.key, roleKeys: ["org:analyst"] })],
    ["roleSets.replaceRoleInRoleSet", (c, s) =>
        c.roleSets.replaceRoleInRoleSet({ roleSetKeyOrId: s.roleSet.key, roleKey: "org:analyst", toRoleKey: "org:member" })],
    ["roleSets.replaceRoleSet", (c, s) => c.roleSets.replaceRoleSet({ roleSetKeyOrId: s.roleSet.key, destRoleSetKey: "role_set:default" })],

    ["organizations.createOrganization", async (c, s) =>
        (s.org = await c.organizations.createOrganization({ name: "Walk Inc", slug: "walk-inc", createdBy: s.user.id, maxAllowedMemberships: 20 }))],
    ["organizations.getOrganization", (c, s) => c.organizations.getOrganization({ slug: "walk-inc", includeMembersCount: true })],
    ["organizations.getOrganizationList", c => c.organizations.getOrganizationList({ query: "Walk", includeMembersCount: true })],
    ["organizations.updateOrganization", (c, s) => c.organizations.updateOrganization(s.org.id, { name: "Walk Ltd", publicMetadata: { tier: 1 } })],
    ["organizations.updateOrganizationLogo", (c, s) => c.organizations.updateOrganizationLogo(s.org.id, { file: picture(), uploaderUserId: s.user.id })],
    ["organizations.deleteOrganizationLogo", (c, s) => c.organizations.deleteOrganizationLogo(s.org.id)],
    ["organizations.updateOrganizationMetadata", (c, s) => c.organizations.updateOrganizationMetadata(s.org.id, { privateMetadata: { a: 1 } })],
    ["organizations.replaceOrganizationMetadata", (c, s) => c.organizations.replaceOrganizationMetadata(s.org.id, { publicMetadata: { b: 2 } })],
    ["organizations.getOrganizationMembershipList", (c, s) => c.organizations.getOrganizationMembershipList({ organizationId: s.org.id })],
    ["organizations.getInstanceOrganizationMembershipList", c => c.organizations.getInstanceOrganizationMembershipList({ limit: 5 })],
    ["organizations.createOrganizationMembership", async (c, s) => {
        s.member = (await c.users.getUserList({ limit: 1, orderBy: "+created_at" })).data[0];
        return c.organizations.createOrganizationMembership({ organizationId: s.org.id, userId: s.member.id, role: "org:member" });
    }],
    ["organizations.updateOrganizationMembership", (c, s) =>
        c.organizations.updateOrganizationMembership({ organizationId: s.org.id, userId: s.member.id, role: "org:admin" })],
    ["organizations.updateOrganizationMembershipMetadata", (c, s) =>
        c.organizations.updateOrganizationMembershipMetadata({ organizationId: s.org.id, userId: s.member.id, publicMetadata: { desk: 4 } })],
    ["organizations.deleteOrganizationMembership", (c, s) =>
        c.organizations.deleteOrganizationMembership({ organizationId: s.org.id, userId: s.member.id })],
    ["organizations.createOrganizationInvitation", async (c, s) => (s.orgInvitation = await c.organizations.createOrganizationInvitation({
        organizationId: s.org.id, inviterUserId: s.user.id, emailAddress: "guest@example.com", role: "org:member",
    }))],
    ["organizations.createOrganizationInvitationBulk", (c, s) => c.organizations.createOrganizationInvitationBulk(s.org.id, [
        { inviterUserId: s.user.id, emailAddress: "guest2@example.com", role: "org:member" },
    ])],
    ["organizations.getOrganizationInvitation", (c, s) =>
        c.organizations.getOrganizationInvitation({ organizationId: s.org.id, invitationId: s.orgInvitation.id })],
    ["organizations.getOrganizationInvitationList", (c, s) => c.organizations.getOrganizationInvitationList({ organizationId: s.org.id, status: ["pending"] })],
    ["organizations.revokeOrganizationInvitation", (c, s) => c.organizations.revokeOrganizationInvitation({
        organizationId: s.org.id, invitationId: s.orgInvitation.id, requestingUserId: s.user.id,
    })],
    ["organizations.createOrganizationDomain", async (c, s) => (s.orgDomain = await c.organizations.createOrganizationDomain({
        organizationId: s.org.id, name: "walk.example", enrollmentMode: "manual_invitation",
    }))],
    ["organizations.getOrganizationDomainList", (c, s) => c.organizations.getOrganizationDomainList({ organizationId: s.org.id })],
    ["organizations.updateOrganizationDomain", (c, s) => c.organizations.updateOrganizationDomain({
        organizationId: s.org.id, domainId: s.orgDomain.id, enrollmentMode: "automatic_invitation",
    })],
    ["organizations.deleteOrganizationDomain", (c, s) => c.organizations.deleteOrganizationDomain({ organizationId: s.org.id, domainId: s.orgDomain.id })],
    ["users.getOrganizationMembershipList", (c, s) => c.users.getOrganizationMembershipList({ userId: s.user.id })],
    ["users.getOrganizationInvitationList", (c, s) => c.users.getOrganizationInvitationList({ userId: s.user.id })],

    // Sessions, clients, tokens.
    ["jwtTemplates.create", async (c, s) => (s.template = await c.jwtTemplates.create({
        name: "walk", claims: { plan: "{{user.public_metadata.plan}}", who: "{{user.id}}" }, lifetime: 120,
    }))],
    ["jwtTemplates.list", c => c.jwtTemplates.list()],
    ["jwtTemplates.get", (c, s) => c.jwtTemplates.get(s.template.id)],
    ["jwtTemplates.update", (c, s) => c.jwtTemplates.update({ templateId: s.template.id, name: "walk", claims: { who: "{{user.id}}" } })],
    ["sessions.createSession", async (c, s) => (s.session = await c.sessions.createSession({ userId: s.user.id }))],
    ["sessions.getSession", (c, s) => c.sessions.getSession(s.session.id)],
    ["sessions.getSessionList", (c, s) => c.sessions.getSessionList({ userId: s.user.id })],
    ["sessions.getToken", async (c, s) => {
        await c.sessions.getToken(s.session.id, "walk");
        return (s.token = await c.sessions.getToken(s.session.id, ""));
    }],
    ["sessions.verifySession", (c, s) => c.sessions.verifySession(s.session.id, s.token.jwt)],
    ["sessions.refreshSession", async (c, s) => c.sessions.refreshSession(s.session.id, {
        expired_token: await s.tokenOf(s.session.id, "http://localhost:3000"),
        refresh_token: await s.refreshToken(s.session.id),
        request_origin: "http://localhost:3000",
        request_headers: {},
        format: "cookie",
    })],
    ["clients.getClient", (c, s) => c.clients.getClient(s.session.clientId)],
    ["clients.getClientList", c => c.clients.getClientList()],
    ["clients.verifyClient", (c, s) => c.clients.verifyClient(s.token.jwt)],
    ["clients.getHandshakePayload", async (c, s) => c.clients.getHandshakePayload({ nonce: await s.nonce(s.session.id) })],
    ["sessions.revokeSession", (c, s) => c.sessions.revokeSession(s.session.id)],
    ["jwtTemplates.delete", (c, s) => c.jwtTemplates.delete(s.template.id)],
    ["jwks.getJwks", c => c.jwks.getJwks()],
    ["signInTokens.createSignInToken", async (c, s) =>
        (s.ticket = await c.signInTokens.createSignInToken({ userId: s.user.id, expiresInSeconds: 600 }))],
    ["signInTokens.revokeSignInToken", (c, s) => c.signInTokens.revokeSignInToken(s.ticket.id)],
    ["actorTokens.create", async (c, s) => (s.actor = await c.actorTokens.create({
        userId: s.user.id, actor: { sub: s.member.id }, expiresInSeconds: 600, sessionMaxDurationInSeconds: 1800,
    }))],
    ["actorTokens.revoke", (c, s) => c.actorTokens.revoke(s.actor.id)],
    ["agentTasks.create", async (c, s) => (s.task = await c.agentTasks.create({
        onBehalfOf: { userId: s.user.id },
        permissions: "*",
        agentName: "walker",
        taskDescription: "Walk through",
        redirectUrl: "http://localhost:3000/",
        sessionMaxDurationInSeconds: 600,
    }))],
    ["agentTasks.revoke", (c, s) => c.agentTasks.revoke(s.task.agentTaskId ?? s.task.id ?? s.task.taskId)],
    ["testingTokens.createTestingToken", c => c.testingTokens.createTestingToken()],
    ["signUps.get", async (c, s) => c.signUps.get(await s.signUp())],
    ["signUps.update", async (c, s) => c.signUps.update({ signUpAttemptId: await s.signUp(), externalId: "walked", customAction: true })],
    ["invitations.createInvitation", async (c, s) => (s.invitation = await c.invitations.createInvitation({
        emailAddress: "invited@example.com", publicMetadata: { a: 1 },
    }))],
    ["invitations.createInvitationBulk", c => c.invitations.createInvitationBulk([{ emailAddress: "invited2@example.com" }])],
    ["invitations.getInvitationList", c => c.invitations.getInvitationList({ status: "pending" })],
    ["invitations.revokeInvitation", (c, s) => c.invitations.revokeInvitation(s.invitation.id)],
    ["invitations.deleteInvitation", (c, s) => c.invitations.deleteInvitation(s.invitation.id)],

    // The instance.
    ["allowlistIdentifiers.createAllowlistIdentifier", async (c, s) =>
        (s.allowed = await c.allowlistIdentifiers.createAllowlistIdentifier({ identifier: "*@allowed.example", notify: false }))],
    ["allowlistIdentifiers.getAllowlistIdentifierList", c => c.allowlistIdentifiers.getAllowlistIdentifierList()],
    ["allowlistIdentifiers.deleteAllowlistIdentifier", (c, s) => c.allowlistIdentifiers.deleteAllowlistIdentifier(s.allowed.id)],
    ["blocklistIdentifiers.createBlocklistIdentifier", async (c, s) =>
        (s.blocked = await c.blocklistIdentifiers.createBlocklistIdentifier({ identifier: "*@blocked.example" }))],
    ["blocklistIdentifiers.getBlocklistIdentifierList", c => c.blocklistIdentifiers.getBlocklistIdentifierList()],
    ["blocklistIdentifiers.deleteBlocklistIdentifier", (c, s) => c.blocklistIdentifiers.deleteBlocklistIdentifier(s.blocked.id)],
    ["instance.get", c => c.instance.get()],
    ["instance.update", c => c.instance.update({ supportEmail: "help@example.com" })],
    ["instance.updateRestrictions", c => c.instance.updateRestrictions({ blockDisposableEmailDomains: true })],
    ["instance.getOrganizationSettings", c => c.instance.getOrganizationSettings()],
    ["instance.updateOrganizationSettings", c => c.instance.updateOrganizationSettings({ maxAllowedMemberships: 50 })],
    ["betaFeatures.changeDomain", c => c.betaFeatures.changeDomain({ homeUrl: "https://walk.example" })],
    ["domains.add", async (c, s) => (s.domain = await c.domains.add({ name: "satellite.example", is_satellite: true }))],
    ["domains.list", c => c.domains.list()],
    ["domains.update", (c, s) => c.domains.update({ domainId: s.domain.id, name: "satellite2.example" })],
    ["proxyChecks.verify", (c, s) => c.proxyChecks.verify({ domainId: s.domain.id, proxyUrl: "https://satellite2.example/__clerk" })],
    ["domains.delete", (c, s) => c.domains.delete(s.domain.id)],
    ["domains.deleteDomain", async c =>
        c.domains.deleteDomain((await c.domains.add({ name: "satellite3.example", is_satellite: true })).id)],
    ["redirectUrls.createRedirectUrl", async (c, s) => (s.redirect = await c.redirectUrls.createRedirectUrl({ url: "myapp://callback" }))],
    ["redirectUrls.getRedirectUrlList", c => c.redirectUrls.getRedirectUrlList()],
    ["redirectUrls.getRedirectUrl", (c, s) => c.redirectUrls.getRedirectUrl(s.redirect.id)],
    ["redirectUrls.deleteRedirectUrl", (c, s) => c.redirectUrls.deleteRedirectUrl(s.redirect.id)],
    ["webhooks.createSvixApp", c => c.webhooks.createSvixApp()],
    ["webhooks.generateSvixAuthURL", c => c.webhooks.generateSvixAuthURL()],
    ["webhooks.deleteSvixApp", c => c.webhooks.deleteSvixApp()],
    ["emails.create", async (c, s) => (s.mail = await c.emails.create({
        to: { userId: s.user.id }, from: { address: "support@example.com" }, subject: "Hello", text: "Hello",
    }))],
    ["emails.createBatch", c => c.emails.createBatch([
        { to: { address: "customer@example.com" }, from: { address: "support@example.com" }, subject: "Hello", text: "Hello" },
    ])],
    ["emails.get", (c, s) => c.emails.get(s.mail.id)],
    ["waitlistEntries.create", async (c, s) => (s.entry = await c.waitlistEntries.create({ emailAddress: "waiting@example.com" }))],
    ["waitlistEntries.createBulk", c => c.waitlistEntries.createBulk([{ emailAddress: "waiting2@example.com" }])],
    ["waitlistEntries.list", c => c.waitlistEntries.list()],
    ["waitlistEntries.invite", (c, s) => c.waitlistEntries.invite(s.entry.id)],
    ["waitlistEntries.reject", async c => c.waitlistEntries.reject((await c.waitlistEntries.create({ emailAddress: "waiting3@example.com" })).id)],
    ["waitlistEntries.delete", async c => c.waitlistEntries.delete((await c.waitlistEntries.create({ emailAddress: "waiting4@example.com" })).id)],

    // Machines, keys and applications.
    ["machines.create", async (c, s) => {
        s.otherMachine = await c.machines.create({ name: "other" });
        return (s.machine = await c.machines.create({ name: "walker", defaultTokenTtl: 3600 }));
    }],
    ["machines.get", (c, s) => c.machines.get(s.machine.id)],
    ["machines.list", c => c.machines.list()],
    ["machines.update", (c, s) => c.machines.update({ machineId: s.machine.id, name: "walked" })],
    ["machines.getSecretKey", async (c, s) => (s.machineKey = await c.machines.getSecretKey(s.machine.id))],
    ["machines.createScope", (c, s) => c.machines.createScope(s.machine.id, s.otherMachine.id)],
    // The machine calls the other one, which verifies that.
    ["m2m.createToken", async (c, s) => (s.m2m = await c.m2m.createToken({
        machineSecretKey: s.machineKey.secret, secondsUntilExpiration: 600, claims: { job: "walk" },
    }))],
    ["m2m.list", (c, s) => s.asMachine(s.machineKey.secret).m2m.list({ subject: s.machine.id })],
    ["m2m.verify", async (c, s) => {
        s.otherKey = await c.machines.getSecretKey(s.otherMachine.id);
        return c.m2m.verify({ machineSecretKey: s.otherKey.secret, token: s.m2m.token });
    }],
    ["m2m.verifyToken", (c, s) => c.m2m.verifyToken({ machineSecretKey: s.otherKey.secret, token: s.m2m.token })],
    ["m2m.revokeToken", (c, s) => c.m2m.revokeToken({ machineSecretKey: s.machineKey.secret, m2mTokenId: s.m2m.id, revocationReason: "done" })],
    ["machines.deleteScope", (c, s) => c.machines.deleteScope(s.machine.id, s.otherMachine.id)],
    ["machines.rotateSecretKey", (c, s) => c.machines.rotateSecretKey({ machineId: s.machine.id, previousTokenTtl: 0 })],
    ["machines.delete", (c, s) => c.machines.delete(s.machine.id)],
    ["apiKeys.create", async (c, s) => (s.apiKey = await c.apiKeys.create({ name: "walk", subject: s.user.id, scopes: ["read"], claims: { a: 1 } }))],
    ["apiKeys.list", (c, s) => c.apiKeys.list({ subject: s.user.id })],
    ["apiKeys.get", (c, s) => c.apiKeys.get(s.apiKey.id)],
    ["apiKeys.update", (c, s) => c.apiKeys.update({ apiKeyId: s.apiKey.id, subject: s.user.id, description: "walked" })],
    ["apiKeys.getSecret", async (c, s) => (s.apiSecret = await c.apiKeys.getSecret(s.apiKey.id))],
    ["apiKeys.verify", (c, s) => c.apiKeys.verify(s.apiSecret.secret)],
    ["apiKeys.verifySecret", (c, s) => c.apiKeys.verifySecret(s.apiSecret.secret)],
    ["apiKeys.revoke", (c, s) => c.apiKeys.revoke({ apiKeyId: s.apiKey.id, revocationReason: "done" })],
    ["apiKeys.delete", (c, s) => c.apiKeys.delete(s.apiKey.id)],
    ["oauthApplications.create", async (c, s) => (s.app = await c.oauthApplications.create({
        name: "Walk app", redirectUris: ["https://walk.example/callback"], scopes: "profile email", public: false,
    }))],
    ["oauthApplications.list", c => c.oauthApplications.list()],
    ["oauthApplications.get", (c, s) => c.oauthApplications.get(s.app.id)],
    ["oauthApplications.update", (c, s) => c.oauthApplications.update({
        oauthApplicationId: s.app.id, name: "Walked app", redirectUris: ["https://walk.example/callback"], scopes: "profile",
    })],
    ["idPOAuthAccessToken.verify", async (c, s) => c.idPOAuthAccessToken.verify(s.accessToken = await s.oauthToken(s.app, s.user.id))],
    ["idPOAuthAccessToken.verifyAccessToken", (c, s) => c.idPOAuthAccessToken.verifyAccessToken(s.accessToken)],
    ["oauthApplications.revokeToken", (c, s) => c.oauthApplications.revokeToken({ oauthApplicationId: s.app.id, token: s.accessToken })],
    ["oauthApplications.rotateSecret", (c, s) => c.oauthApplications.rotateSecret(s.app.id)],
    ["oauthApplications.delete", (c, s) => c.oauthApplications.delete(s.app.id)],
    ["samlConnections.createSamlConnection", async (c, s) =>
        (s.saml = await c.samlConnections.createSamlConnection({ ...SAML, domain: "saml.example" }))],
    ["samlConnections.getSamlConnectionList", c => c.samlConnections.getSamlConnectionList()],
    ["samlConnections.getSamlConnection", (c, s) => c.samlConnections.getSamlConnection(s.saml.id)],
    ["samlConnections.updateSamlConnection", (c, s) => c.samlConnections.updateSamlConnection(s.saml.id, { active: false, syncUserAttributes: true })],
    ["samlConnections.deleteSamlConnection", (c, s) => c.samlConnections.deleteSamlConnection(s.saml.id)],
    ["enterpriseConnections.createEnterpriseConnection", async (c, s) => {
        const { name, provider, ...saml } = SAML;
        return (s.enterprise = await c.enterpriseConnections.createEnterpriseConnection({ name, provider, domains: ["enterprise.example"], saml }));
    }],
    ["enterpriseConnections.getEnterpriseConnectionList", c => c.enterpriseConnections.getEnterpriseConnectionList()],
    ["enterpriseConnections.getEnterpriseConnection", (c, s) => c.enterpriseConnections.getEnterpriseConnection(s.enterprise.id)],
    ["enterpriseConnections.updateEnterpriseConnection", (c, s) => c.enterpriseConnections.updateEnterpriseConnection(s.enterprise.id, { name: "Walked SSO" })],
    ["enterpriseConnections.deleteEnterpriseConnection", (c, s) => c.enterpriseConnections.deleteEnterpriseConnection(s.enterprise.id)],

    ["billing.getPlanList", c => c.billing.getPlanList({ payerType: "user" })],
    ["billing.getUserBillingSubscription", async (c, s) => (s.subscription = await c.billing.getUserBillingSubscription(s.user.id))],
    ["billing.getOrganizationBillingSubscription", (c, s) => c.billing.getOrganizationBillingSubscription(s.org.id)],
    ["billing.extendSubscriptionItemFreeTrial", async (c, s) =>
        c.billing.extendSubscriptionItemFreeTrial(await s.subscriptionItem("trial"), { extendTo: new Date(Date.now() + 20 * 86_400_000) })],
    ["billing.cancelSubscriptionItem", async (c, s) => c.billing.cancelSubscriptionItem(await s.subscriptionItem("paid"), { endNow: true })],
    ["__experimental_accountlessApplications.createAccountlessApplication", c =>
        c.__experimental_accountlessApplications.createAccountlessApplication()],
    ["__experimental_accountlessApplications.completeAccountlessApplicationOnboarding", c =>
        c.__experimental_accountlessApplications.completeAccountlessApplicationOnboarding()],

    // What is left to delete.
    ["organizationRoles.deleteOrganizationRole", (c, s) => c.organizationRoles.deleteOrganizationRole(s.role.id)],
    ["organizationPermissions.deleteOrganizationPermission", (c, s) => c.organizationPermissions.deleteOrganizationPermission(s.permission.id)],
    ["organizations.deleteOrganization", (c, s) => c.organizations.deleteOrganization(s.org.id)],
    ["users.deleteUser", (c, s) => c.users.deleteUser(s.user.id)],
];
