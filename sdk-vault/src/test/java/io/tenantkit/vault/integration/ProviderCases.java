package io.tenantkit.vault.integration;

import static io.tenantkit.vault.integration.Verdict.EXPIRED;
import static io.tenantkit.vault.integration.Verdict.INVALID;
import static io.tenantkit.vault.integration.Verdict.RATE_LIMITED;
import static io.tenantkit.vault.integration.Verdict.UNREACHABLE;
import static io.tenantkit.vault.integration.Verdict.VALID;
import static io.tenantkit.vault.integration.Verdict.VALID_NO_QUOTA;
import static io.tenantkit.vault.integration.Verdict.VALID_RESTRICTED;
import static io.tenantkit.vault.integration.Verdict.WRONG_ENDPOINT;

import io.tenantkit.spi.JsonText;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Every provider that comes with the library, written from its public documentation. */
final class ProviderCases {
  static final KeyPair SERVICE_ACCOUNT = keyPair();
  static final String SERVER_ERROR = "{\"error\":{\"message\":\"The server had an error\"}}";

  private ProviderCases() {}

  static List<ProviderCase> all() {
    return List.of(
        openai(),
        anthropic(),
        gemini(),
        googleCloud(),
        aws(),
        azure(),
        stripe(),
        deepgram(),
        elevenLabs(),
        twilio(),
        gitHub(),
        gitLab(),
        xai(),
        replicate(),
        resend(),
        datadog(),
        liveKit(),
        custom());
  }

  static ProviderCase of(String provider) {
    return all().stream().filter(each -> each.provider.equals(provider)).findFirst().orElseThrow();
  }

  private static ProviderCase openai() {
    String key = "sk-proj-Zq8CANARYopenai4T3BlbkFJx7Lw2Kd90aPmVbNcRt";
    return new ProviderCase("openai", "api.openai.com", "GET /v1/models")
        .secret("api_key", key)
        .sends("Authorization", "Bearer " + key)
        .answer("valid", 200, VALID, "{\"object\":\"list\",\"data\":[{\"id\":\"gpt-4o\"}]}")
        .answer(
            "invalid",
            401,
            INVALID,
            "{\"error\":{\"message\":\"Incorrect API key provided: %ECHO%. You can find your API key at https://platform.openai.com.\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"invalid_api_key\"}}")
        .answer(
            "restricted",
            403,
            VALID_RESTRICTED,
            "{\"error\":{\"message\":\"You have insufficient permissions for this operation. Missing scopes: api.model.read.\",\"type\":\"invalid_request_error\",\"code\":null}}")
        .answer(
            "restricted, as it was answered before",
            401,
            VALID_RESTRICTED,
            "{\"error\":{\"message\":\"You have insufficient permissions for this operation. Missing scopes: model.read.\"}}")
        .answer(
            "country",
            403,
            UNREACHABLE,
            "{\"error\":{\"code\":\"unsupported_country_region_territory\",\"message\":\"Country, region, or territory not supported\"}}")
        .answer(
            "no quota",
            429,
            VALID_NO_QUOTA,
            "{\"error\":{\"message\":\"You exceeded your current quota, please check your plan and billing details.\",\"type\":\"insufficient_quota\",\"code\":\"insufficient_quota\"}}")
        .answer(
            "rate",
            429,
            Map.of("Retry-After", "20"),
            RATE_LIMITED,
            "{\"error\":{\"message\":\"Rate limit reached\",\"code\":\"rate_limit_exceeded\"}}")
        .answer("server", 500, UNREACHABLE, SERVER_ERROR)
        .answer("firewall", 403, WRONG_ENDPOINT, "<html>blocked</html>");
  }

  private static ProviderCase anthropic() {
    String key = "sk-ant-api03-Wn7CANARYanthropic3xKf90LmVbTqRs28dPzYcHjGeUo";
    return new ProviderCase("anthropic", "api.anthropic.com", "GET /v1/models?limit=1")
        .secret("api_key", key)
        .sends("x-api-key", key)
        .sends("anthropic-version", "2023-06-01")
        .answer(
            "valid",
            200,
            VALID,
            "{\"data\":[{\"id\":\"claude-sonnet-4\",\"type\":\"model\"}],\"has_more\":true}")
        .answer(
            "invalid",
            401,
            INVALID,
            anthropicError("authentication_error", "invalid x-api-key %ECHO%"))
        .answer(
            "restricted",
            403,
            VALID_RESTRICTED,
            anthropicError(
                "permission_error",
                "Your API key does not have permission to use the specified resource."))
        .answer("no quota", 402, VALID_NO_QUOTA, anthropicError("billing_error", "billing"))
        .answer(
            "no credit",
            400,
            VALID_NO_QUOTA,
            anthropicError(
                "invalid_request_error",
                "Your credit balance is too low to access the Anthropic API."))
        .answer("rate", 429, RATE_LIMITED, anthropicError("rate_limit_error", "rate"))
        .answer("overloaded", 529, UNREACHABLE, anthropicError("overloaded_error", "Overloaded"));
  }

  private static String anthropicError(String type, String message) {
    return "{\"type\":\"error\",\"error\":{\"type\":\""
        + type
        + "\",\"message\":\""
        + message
        + "\"}}";
  }

  private static ProviderCase gemini() {
    String key = "AIzaSyCANARYgemini0123456789abcdefghijk";
    return new ProviderCase(
            "google-gemini", "generativelanguage.googleapis.com", "GET /v1/models?pageSize=1")
        .secret("api_key", key)
        .sends("x-goog-api-key", key)
        .answer("valid", 200, VALID, "{\"models\":[{\"name\":\"models/gemini-2.0-flash\"}]}")
        .answer(
            "invalid",
            400,
            INVALID,
            googleError(
                400,
                "API key not valid. Please pass a valid API key. %ECHO%",
                "INVALID_ARGUMENT",
                "API_KEY_INVALID"))
        .answer(
            "expired",
            400,
            EXPIRED,
            googleError(
                400,
                "API key expired. Please renew the API key.",
                "INVALID_ARGUMENT",
                "API_KEY_INVALID"))
        .answer(
            "leaked",
            403,
            INVALID,
            googleError(
                403,
                "Your API key was reported as leaked. Please use another API key.",
                "PERMISSION_DENIED",
                ""))
        .answer(
            "restricted",
            403,
            VALID_RESTRICTED,
            googleError(
                403,
                "Requests to this API are blocked.",
                "PERMISSION_DENIED",
                "API_KEY_SERVICE_BLOCKED"))
        .answer(
            "location",
            400,
            UNREACHABLE,
            googleError(
                400, "User location is not supported for the API use.", "FAILED_PRECONDITION", ""))
        .answer(
            "no quota",
            429,
            VALID_NO_QUOTA,
            googleError(
                429,
                "You exceeded your current quota, please check your plan and billing details.",
                "RESOURCE_EXHAUSTED",
                ""))
        .answer(
            "rate",
            429,
            RATE_LIMITED,
            googleError(429, "Resource has been exhausted", "RESOURCE_EXHAUSTED", ""));
  }

  private static String googleError(int code, String message, String status, String reason) {
    return "{\"error\":{\"code\":"
        + code
        + ",\"message\":\""
        + message
        + "\",\"status\":\""
        + status
        + "\",\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.LocalizedMessage\"},{\"@type\":\"type.googleapis.com/google.rpc.ErrorInfo\",\"reason\":\""
        + reason
        + "\"}]}}";
  }

  private static ProviderCase googleCloud() {
    String body =
        Base64.getMimeEncoder(64, new byte[] {'\n'})
            .encodeToString(SERVICE_ACCOUNT.getPrivate().getEncoded());
    Map<String, String> file = new TreeMap<>();
    file.put("type", "service_account");
    file.put("project_id", "acme-prod");
    file.put("private_key_id", "0123456789abcdef0123456789abcdef01234567");
    file.put(
        "private_key", "-----BEGIN PRIVATE KEY-----\n" + body + "\n-----END PRIVATE KEY-----\n");
    file.put("client_email", "checker@acme-prod.iam.gserviceaccount.com");
    file.put("token_uri", "https://oauth2.googleapis.com/token");
    ProviderCase google =
        new ProviderCase("google-cloud", "oauth2.googleapis.com", "POST /token")
            .secret("service_account_json", JsonText.object(file))
            .answer(
                "valid",
                200,
                VALID,
                "{\"access_token\":\"ya29.c.b0Aaek\",\"expires_in\":3599,\"token_type\":\"Bearer\"}")
            .answer(
                "invalid",
                400,
                INVALID,
                "{\"error\":\"invalid_grant\",\"error_description\":\"Invalid JWT Signature. %ECHO%\"}")
            .answer(
                "deleted",
                400,
                INVALID,
                "{\"error\":\"invalid_grant\",\"error_description\":\"Invalid grant: account not found\"}")
            .answer(
                "our clock",
                400,
                UNREACHABLE,
                "{\"error\":\"invalid_grant\",\"error_description\":\"Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.\"}")
            .answer(
                "restricted",
                401,
                VALID_RESTRICTED,
                "{\"error\":\"unauthorized_client\",\"error_description\":\"Client is unauthorized\"}")
            .answer("rate", 429, RATE_LIMITED, "{\"error\":\"rate_limit_exceeded\"}");
    // Of the file, the key is what is secret.
    google.canary = body.replace("\n", "").substring(200, 260);
    return google;
  }

  private static ProviderCase aws() {
    return new ProviderCase(
            "aws",
            "sts.eu-central-1.amazonaws.com",
            "GET /?Action=GetCallerIdentity&Version=2011-06-15")
        .config("access_key_id", "AKIAIOSFODNN7EXAMPLE")
        .config("region", "eu-central-1")
        .secret("secret_access_key", "wCANARYaws3/K7MDENG+bPxRfiCYEXAMPLEKEY42")
        .answer(
            "valid",
            200,
            VALID,
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/Alice</Arn><UserId>AIDA</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>")
        .answer(
            "invalid",
            403,
            INVALID,
            awsError(
                "InvalidClientTokenId",
                "The security token included in the request is invalid. %ECHO%"))
        .answer(
            "wrong secret",
            403,
            INVALID,
            awsError(
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided."))
        .answer(
            "our clock",
            403,
            UNREACHABLE,
            awsError(
                "SignatureDoesNotMatch",
                "Signature expired: 20150830T123600Z is now earlier than 20150830T124600Z"))
        .answer(
            "expired",
            403,
            EXPIRED,
            awsError("ExpiredToken", "The security token included in the request is expired"))
        .answer(
            "restricted", 403, VALID_RESTRICTED, awsError("AccessDenied", "User is not authorized"))
        .answer(
            "region",
            403,
            WRONG_ENDPOINT,
            awsError("RegionDisabledException", "STS is not activated in this region"))
        .answer("rate", 400, RATE_LIMITED, awsError("Throttling", "Rate exceeded"))
        .answer("down", 503, UNREACHABLE, awsError("ServiceUnavailable", "down"));
  }

  private static String awsError(String code, String message) {
    return "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>"
        + code
        + "</Code><Message>"
        + message
        + "</Message></Error><RequestId>1</RequestId></ErrorResponse>";
  }

  private static ProviderCase azure() {
    return new ProviderCase(
            "azure",
            "login.microsoftonline.com",
            "POST /8d2f1c5e-0000-4000-8000-5f6a7b8c9d0e/oauth2/v2.0/token")
        .config("client_id", "11111111-2222-3333-4444-555555555555")
        .config("tenant_id", "8d2f1c5e-0000-4000-8000-5f6a7b8c9d0e")
        .secret("client_secret", "q~8Q~CANARYazure.Zx_81mNpLk+/=&")
        .answer(
            "valid",
            200,
            VALID,
            "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"eyJ0eXAiOiJKV1Qi\"}")
        .answer(
            "invalid",
            401,
            INVALID,
            azureError("invalid_client", 7000215, "Invalid client secret provided. %ECHO%"))
        .answer(
            "expired",
            401,
            EXPIRED,
            azureError(
                "invalid_client", 7000222, "The provided client secret keys for app are expired."))
        .answer(
            "no such app",
            400,
            INVALID,
            azureError("unauthorized_client", 700016, "Application was not found in the directory"))
        .answer(
            "no tenant",
            400,
            WRONG_ENDPOINT,
            azureError("invalid_request", 90002, "Tenant not found."))
        .answer(
            "restricted",
            400,
            VALID_RESTRICTED,
            azureError(
                "invalid_grant", 53003, "Access has been blocked by Conditional Access policies."))
        .answer(
            "transient",
            503,
            UNREACHABLE,
            azureError("temporarily_unavailable", 90033, "A transient error has occurred."))
        .answer("rate", 429, RATE_LIMITED, azureError("too_many_requests", 50196, "Too many"));
  }

  private static String azureError(String error, int code, String text) {
    return "{\"error\":\""
        + error
        + "\",\"error_description\":\"AADSTS"
        + code
        + ": "
        + text
        + "\",\"error_codes\":["
        + code
        + "],\"trace_id\":\"255d1aef\"}";
  }

  private static ProviderCase stripe() {
    String key = "rk_live_51CANARYstripe0123456789abcdefABCDEF";
    return new ProviderCase("stripe", "api.stripe.com", "GET /v1/balance")
        .secret("api_key", key)
        .sends("Authorization", "Bearer " + key)
        .answer("valid", 200, VALID, "{\"object\":\"balance\",\"available\":[],\"livemode\":true}")
        .answer(
            "invalid",
            401,
            INVALID,
            "{\"error\":{\"message\":\"Invalid API Key provided: %ECHO%\",\"type\":\"invalid_request_error\"}}")
        .answer(
            "expired",
            401,
            EXPIRED,
            "{\"error\":{\"code\":\"api_key_expired\",\"message\":\"Expired API Key provided: rk_live_*****CDEF\",\"type\":\"invalid_request_error\"}}")
        .answer(
            "restricted",
            403,
            VALID_RESTRICTED,
            "{\"error\":{\"message\":\"The provided key does not have the required permissions for this endpoint.\",\"type\":\"invalid_request_error\"}}")
        .answer(
            "rate",
            429,
            RATE_LIMITED,
            "{\"error\":{\"code\":\"rate_limit\",\"message\":\"Request rate limit exceeded.\"}}")
        .answer("server", 503, UNREACHABLE, SERVER_ERROR);
  }

  private static ProviderCase deepgram() {
    String key = "c4n4rydeepgram0123456789abcdef0123456789";
    return new ProviderCase("deepgram", "api.deepgram.com", "GET /v1/projects")
        .secret("api_key", key)
        .sends("Authorization", "Token " + key)
        .answer("valid", 200, VALID, "{\"projects\":[{\"project_id\":\"1\",\"name\":\"Acme\"}]}")
        .answer(
            "invalid",
            401,
            INVALID,
            "{\"err_code\":\"INVALID_AUTH\",\"err_msg\":\"Invalid credentials. %ECHO%\",\"request_id\":\"1\"}")
        .answer(
            "restricted",
            403,
            VALID_RESTRICTED,
            "{\"err_code\":\"INSUFFICIENT_PERMISSIONS\",\"err_msg\":\"User does not have sufficient permissions.\"}")
        .answer(
            "restricted by 401",
            401,
            VALID_RESTRICTED,
            "{\"err_code\":\"INSUFFICIENT_PERMISSIONS\",\"err_msg\":\"User does not have sufficient permissions.\",\"request_id\":\"1\"}")
        .answer(
            "no quota",
            402,
            VALID_NO_QUOTA,
            "{\"err_code\":\"ASR_PAYMENT_REQUIRED\",\"err_msg\":\"Project does not have enough credits\"}")
        .answer(
            "rate",
            429,
            RATE_LIMITED,
            "{\"err_code\":\"TOO_MANY_REQUESTS\",\"err_msg\":\"Too many requests\"}");
  }

  private static ProviderCase elevenLabs() {
    String key = "sk_0ca9a7e1e7e91ab50123456789abcdef0123456789abcdef";
    return new ProviderCase("elevenlabs", "api.elevenlabs.io", "GET /v1/user")
        .secret("api_key", key)
        .sends("xi-api-key", key)
        .answer(
            "valid",
            200,
            VALID,
            "{\"user_id\":\"u1\",\"subscription\":{\"tier\":\"creator\"},\"xi_api_key\":\"%ECHO%\"}")
        .answer("invalid", 401, INVALID, elevenError("invalid_api_key", "Invalid API key %ECHO%"))
        .answer(
            "restricted",
            401,
            VALID_RESTRICTED,
            elevenError(
                "missing_permissions",
                "The API key you used is missing the permission user_read to execute this operation."))
        .answer(
            "restricted by 400",
            400,
            VALID_RESTRICTED,
            elevenError("missing_permissions", "missing"))
        .answer(
            "no quota",
            401,
            VALID_NO_QUOTA,
            elevenError("quota_exceeded", "This request exceeds your quota."))
        .answer("rate", 429, RATE_LIMITED, elevenError("too_many_concurrent_requests", "Too many"));
  }

  private static String elevenError(String status, String message) {
    return "{\"detail\":{\"status\":\"" + status + "\",\"message\":\"" + message + "\"}}";
  }

  private static ProviderCase twilio() {
    String sid = "AC0123456789abcdef0123456789abcdef";
    String token = "fedc0ca9a7e17a1110123456789abcde";
    return new ProviderCase(
            "twilio",
            "api.twilio.com",
            "GET /2010-04-01/Accounts/" + sid + "/Messages.json?PageSize=1")
        .config("account_sid", sid)
        .secret("auth_token", token)
        .sends(
            "Authorization",
            "Basic "
                + Base64.getEncoder()
                    .encodeToString(
                        (sid + ":" + token).getBytes(java.nio.charset.StandardCharsets.US_ASCII)))
        .answer("valid", 200, VALID, "{\"messages\":[],\"page\":0,\"page_size\":1}")
        .answer(
            "invalid",
            401,
            INVALID,
            "{\"code\":20003,\"message\":\"Authenticate %ECHO%\",\"more_info\":\"https://www.twilio.com/docs/errors/20003\",\"status\":401}")
        .answer(
            "restricted",
            403,
            VALID_RESTRICTED,
            "{\"code\":20005,\"message\":\"Account not active\",\"status\":403}")
        .answer(
            "another account",
            404,
            WRONG_ENDPOINT,
            "{\"code\":20404,\"message\":\"The requested resource was not found\",\"status\":404}")
        .answer(
            "rate",
            429,
            RATE_LIMITED,
            "{\"code\":20429,\"message\":\"Too Many Requests\",\"status\":429}");
  }

  private static ProviderCase gitHub() {
    String token = "github_pat_11CANARYgithub0123456789_abcdefghijABCDEFGHIJ";
    return new ProviderCase("github", "api.github.com", "GET /user")
        .secret("token", token)
        .sends("Authorization", "Bearer " + token)
        .sends("X-GitHub-Api-Version", "2022-11-28")
        .sends("User-Agent", "tenantkit")
        .answer("valid", 200, VALID, "{\"login\":\"octocat\",\"id\":1}")
        .answer(
            "invalid",
            401,
            INVALID,
            "{\"message\":\"Bad credentials %ECHO%\",\"documentation_url\":\"https://docs.github.com/rest\",\"status\":\"401\"}")
        .answer(
            "restricted",
            403,
            VALID_RESTRICTED,
            "{\"message\":\"Resource not accessible by integration\"}")
        .answer(
            "rate",
            403,
            Map.of("x-ratelimit-remaining", "0"),
            RATE_LIMITED,
            "{\"message\":\"API rate limit exceeded for user ID 1.\"}")
        .answer(
            "secondary rate",
            403,
            Map.of("Retry-After", "60"),
            RATE_LIMITED,
            "{\"message\":\"You have exceeded a secondary rate limit.\"}");
  }

  private static ProviderCase gitLab() {
    String token = "glpat-CANARYgitlab_0123456789";
    return new ProviderCase("gitlab", "git.acme.example", "GET /gitlab/api/v4/user")
        .secret("token", token)
        .config("base_url", "https://git.acme.example/gitlab/")
        .sends("PRIVATE-TOKEN", token)
        .answer("valid", 200, VALID, "{\"id\":1,\"username\":\"ada\",\"state\":\"active\"}")
        .answer("invalid", 401, INVALID, "{\"message\":\"401 Unauthorized %ECHO%\"}")
        .answer(
            "revoked",
            401,
            INVALID,
            "{\"error\":\"invalid_token\",\"error_description\":\"Token was revoked. You have to re-authorize from the user.\"}")
        .answer(
            "expired",
            401,
            EXPIRED,
            "{\"error\":\"invalid_token\",\"error_description\":\"Token is expired. You can either do re-authorization or token refresh.\"}")
        .answer(
            "restricted",
            403,
            VALID_RESTRICTED,
            "{\"error\":\"insufficient_scope\",\"error_description\":\"The request requires higher privileges than provided by the access token.\",\"scope\":\"api read_api\"}")
        .answer("sign-in page", 200, WRONG_ENDPOINT, "<!DOCTYPE html><html>Sign in</html>")
        .answer("not here", 404, WRONG_ENDPOINT, "not found")
        .answer("rate", 429, Map.of("Retry-After", "30"), RATE_LIMITED, "Retry later");
  }

  private static ProviderCase xai() {
    String key = "xai-CANARYxai0123456789abcdefghijABCDEFGHIJ0123456789";
    return new ProviderCase("xai", "api.x.ai", "GET /v1/api-key")
        .secret("api_key", key)
        .sends("Authorization", "Bearer " + key)
        .answer("valid", 200, VALID, xaiKey(false, false, false))
        .answer(
            "invalid",
            400,
            INVALID,
            "{\"code\":\"Client specified an invalid argument\",\"error\":\"Incorrect API key provided: %ECHO%. You can obtain an API key from https://console.x.ai.\"}")
        .answer("disabled", 200, INVALID, xaiKey(false, true, false))
        .answer("blocked", 200, INVALID, xaiKey(true, false, false))
        .answer("restricted", 200, VALID_RESTRICTED, xaiKey(false, false, true))
        .answer(
            "no quota",
            403,
            VALID_NO_QUOTA,
            "{\"code\":\"The caller does not have permission\",\"error\":\"Your newly created team doesn't have any credits yet.\"}")
        .answer(
            "rate",
            429,
            RATE_LIMITED,
            "{\"code\":\"Some resource has been exhausted\",\"error\":\"Too many requests\"}");
  }

  private static String xaiKey(boolean blocked, boolean disabled, boolean team) {
    return "{\"redacted_api_key\":\"xai-...789\",\"name\":\"k\",\"acls\":[\"api-key:model:*\"],\"team_blocked\":"
        + team
        + ",\"api_key_blocked\":"
        + blocked
        + ",\"api_key_disabled\":"
        + disabled
        + "}";
  }

  private static ProviderCase replicate() {
    String token = "r8_CANARYreplicate0123456789abcdefABCDEF";
    return new ProviderCase("replicate", "api.replicate.com", "GET /v1/account")
        .secret("api_token", token)
        .sends("Authorization", "Bearer " + token)
        .answer(
            "valid",
            200,
            VALID,
            "{\"type\":\"organization\",\"username\":\"acme\",\"name\":\"Acme Corp, Inc.\"}")
        .answer(
            "invalid",
            401,
            INVALID,
            "{\"title\":\"Unauthenticated\",\"detail\":\"You did not pass a valid authentication token %ECHO%\",\"status\":401}")
        .answer(
            "restricted",
            403,
            VALID_RESTRICTED,
            "{\"title\":\"Forbidden\",\"detail\":\"You do not have permission\",\"status\":403}")
        .answer(
            "no quota",
            402,
            VALID_NO_QUOTA,
            "{\"title\":\"Insufficient credit\",\"detail\":\"You have insufficient credit to run this model.\",\"status\":402}")
        .answer(
            "rate", 429, RATE_LIMITED, "{\"detail\":\"Request was throttled.\",\"status\":429}");
  }

  private static ProviderCase resend() {
    String key = "re_CANARYresend_0123456789abcdefgh";
    return new ProviderCase("resend", "api.resend.com", "GET /domains?limit=1")
        .secret("api_key", key)
        .sends("Authorization", "Bearer " + key)
        .answer("valid", 200, VALID, "{\"object\":\"list\",\"data\":[],\"has_more\":false}")
        .answer(
            "invalid",
            403,
            INVALID,
            "{\"statusCode\":403,\"name\":\"invalid_api_key\",\"message\":\"API key is invalid %ECHO%\"}")
        .answer(
            "invalid by 400",
            400,
            INVALID,
            "{\"statusCode\":400,\"name\":\"validation_error\",\"message\":\"API key is invalid\"}")
        .answer(
            "restricted",
            401,
            VALID_RESTRICTED,
            "{\"statusCode\":401,\"name\":\"restricted_api_key\",\"message\":\"This API key is restricted to only send emails\"}")
        .answer(
            "no quota",
            429,
            VALID_NO_QUOTA,
            "{\"statusCode\":429,\"name\":\"daily_quota_exceeded\",\"message\":\"You have reached your daily email sending quota.\"}")
        .answer(
            "rate",
            429,
            Map.of("Retry-After", "1"),
            RATE_LIMITED,
            "{\"statusCode\":429,\"name\":\"rate_limit_exceeded\",\"message\":\"Too many requests\"}");
  }

  private static ProviderCase datadog() {
    String key = "0ca9a7eda7ad0601234567890abcdef0";
    return new ProviderCase("datadog", "api.us5.datadoghq.com", "GET /api/v1/validate")
        .secret("api_key", key)
        .config("site", "us5.datadoghq.com")
        .sends("DD-API-KEY", key)
        .answer("valid", 200, VALID, "{\"valid\":true}")
        .answer(
            "invalid",
            403,
            INVALID,
            "{\"status\":\"error\",\"code\":403,\"errors\":[\"Forbidden %ECHO%\"],\"statuspage\":\"http://status.us5.datadoghq.com\"}")
        .answer("rate", 429, RATE_LIMITED, "{\"errors\":[\"Too many requests\"]}");
  }

  private static ProviderCase liveKit() {
    return new ProviderCase(
            "livekit", "acme-1a2b3c.livekit.cloud", "POST /twirp/livekit.RoomService/ListRooms")
        .config("server_url", "wss://acme-1a2b3c.livekit.cloud")
        .config("api_key", "APIacme1234567")
        .secret("api_secret", "CANARYlivekit0123456789abcdefghijklmnopqrst")
        .answer("valid", 200, VALID, "{\"rooms\":[]}")
        .answer("invalid", 401, INVALID, "invalid API key: APIacme1234567 %ECHO%")
        .answer(
            "wrong secret",
            401,
            INVALID,
            "invalid token: x, error: go-jose/go-jose: error in cryptographic primitive")
        .answer(
            "restricted",
            401,
            VALID_RESTRICTED,
            "{\"code\":\"unauthenticated\",\"msg\":\"permissions denied\"}")
        .answer(
            "our clock",
            401,
            UNREACHABLE,
            "invalid token: x, error: validation failed, token is expired (exp)")
        .answer("not LiveKit", 404, WRONG_ENDPOINT, "404 page not found")
        .answer(
            "rate", 429, RATE_LIMITED, "{\"code\":\"resource_exhausted\",\"msg\":\"too many\"}");
  }

  private static ProviderCase custom() {
    String token = "CANARYcustom!0123456789";
    return new ProviderCase("custom", "crm.acme.example", "GET /v2/")
        .secret("token", token)
        .config("base_url", "https://crm.acme.example/v2")
        .sends("Authorization", "Bearer " + token)
        .answer("valid", 204, VALID, "")
        .answer("invalid", 401, INVALID, "{\"message\":\"no %ECHO%\"}")
        .answer("no quota", 402, VALID_NO_QUOTA, "{}")
        .answer("unknown", 403, WRONG_ENDPOINT, "{}")
        .answer("rate", 429, RATE_LIMITED, "{}");
  }

  private static KeyPair keyPair() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2_048);
      return generator.generateKeyPair();
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
