"""Words of node types, and what they mean."""

import pickle
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
import words
from hypothesis import given
from hypothesis import strategies as st

from lamina_graph.errors import ConfigError
from lamina_graph.vocabulary import MODALITIES, PARTS, ROLES, Vocabulary, readable
from lamina_graph.vocabulary.table_checks import checked
from lamina_graph.vocabulary.tables import completed, meanings
from lamina_graph.vocabulary.tokens import LONGEST_TYPE, split_words

WORDS = Vocabulary.default()


@pytest.mark.parametrize(
    ("kind", "type_names"),
    [
        (("control", "patch"), ["ADE_CustomCFG", "FromBasicPipe", "WanVideoApplyNAG", "ModelCompile+"]),
        (("control", "patch"), ["MergeLoraToModel"]),
        (("control", None), ["Img2Img Process Switch", "easy isNone", "AcmeAIClient", "KlingDirect_Auth"]),
        (("control", None), ["VTONRubricScoreNode", "openrouter_key", "ExecutionOrderController"]),
        (("control", None), ["loopStart", "whileLoop", "easy forLoopStart", "LoopOpen"]),
        (("control", "aux"), ["LoadAutoMasker", "Load Pose Detector"]),
        (("generate", "sampler"), ["BNK_Unsampler", "MochiResampler", "ADE_UseEvolvedSampling"]),
        (("transform", "decoder"), ["VAE解码"]),
        (("transform", None), ["ImageConcanate", "ConstrainImage", "InpaintStitch", "ImageDesaturate+"]),
        (("transform", None), ["MelBandRoFormerSampler", "LivePortraitComposite", "ChromaKeyNode"]),
        (("transform", None), ["burnSubtitlesNode"]),
        (("output", None), ["Write to Video", "ImageSender", "Trellis2ExportGLB"]),
        (("output", None), ["googleDriveNode", "azureBlobNode", "slackNode"]),
    ],
)
def test_words_of_helpers_generate_nothing(kind: tuple[str, str | None], type_names: list[str]) -> None:
    assert {name: (WORDS.read(name).role, WORDS.read(name).part) for name in type_names} == dict.fromkeys(
        type_names, kind
    )


@pytest.mark.parametrize(
    "type_name",
    ["FitDiTMaskGenerator", "Human Parser ATR", "VtonMaskGenerator", "clothSegNode", "AutoMasker"],
)
def test_a_mask_of_clothes_is_not_a_try_on(type_name: str) -> None:
    reading = WORDS.read(type_name)
    assert (reading.role, reading.task, reading.gives) == ("transform", "segment", ("image",))


@pytest.mark.parametrize("type_name", ["TryOffAnyoneNode", "tryOffNode", "FalBriaBackgroundRemove"])
def test_cutting_out_clothes_is_not_a_try_on(type_name: str) -> None:
    reading = WORDS.read(type_name)
    assert (reading.role, reading.task) == ("transform", "remove-background")


@pytest.mark.parametrize(
    ("type_name", "bare"),
    [("[Comfy3D] Load Diffusers Pipeline", "Load Diffusers Pipeline"), ("Text Input [Dream]", "Text Input")],
)
def test_the_tag_of_a_node_pack_is_ignored(type_name: str, bare: str) -> None:
    assert WORDS.read(type_name) == WORDS.read(bare)


@pytest.mark.parametrize(
    ("type_name", "role"),
    [
        ("Seed Generator (Image Saver)", "control"),
        ("Image Saver (Simple)", "output"),
        ("Video Combine (VHS)", "output"),
        ("Load Video (Path)", "input"),
    ],
)
def test_a_pack_in_parentheses_makes_no_output_of_its_nodes(type_name: str, role: str) -> None:
    """What stands before the parentheses says what the node does, where it says something."""
    assert WORDS.read(type_name).role == role


@pytest.mark.parametrize("text", ["Photo [Person]", "[Person] photo", "Photo (Person)"])
def test_brackets_in_a_label_are_read(text: str) -> None:
    assert WORDS.subjects(text) == {"person"}


@pytest.mark.parametrize("type_name", ["garmentUploadNode", "personUploadNode", "Load Dress"])
def test_a_garment_or_a_person_that_is_put_in_is_a_picture(type_name: str) -> None:
    reading = WORDS.read(type_name)
    assert (reading.role, reading.gives) == ("input", ("image",))


@pytest.mark.parametrize(
    "type_name",
    [
        "StoryMakerSwapCloth",
        "replaceOutfitNode",
        "garmentSwapperNode",
        "garmentOnModelNode",
        "clothesTransferNode",
        "模特换装",
        "試着Node",
    ],
)
def test_a_try_on_node_outputs_an_image(type_name: str) -> None:
    reading = WORDS.read(type_name)
    assert (reading.role, reading.task, reading.gives) == ("generate", "try-on", ("image",))


def test_dialogue_outputs_audio_and_a_moving_portrait_video() -> None:
    assert WORDS.read("SparkTTS_Dialogue").gives == ("audio",)
    assert WORDS.read("LivePortraitProcess").gives == WORDS.read("Wav2Lip").gives == ("video",)


@pytest.mark.parametrize(
    ("type_name", "role", "gives"),
    [
        ("acmeTextToVideoNode", "generate", "video"),
        ("img2vid_turbo", "generate", "video"),
        ("AcmeI2V", "generate", "video"),
        ("t2i-generator", "generate", "image"),
        ("zephyr_text_to_3d_v4", "generate", "3d"),
        ("ImageToSVGConverter", "generate", "vector"),
        ("speechToText", "generate", "text"),
        ("klingLipSyncNode", "generate", "video"),
        ("veo4FastNode", "generate", "video"),
        ("fal-ai/flux-pro/v1.1-ultra", "generate", "image"),
        ("SeedanceProNode", "generate", "video"),
        ("nanoBananaProEdit", "generate", "image"),
        ("sunoTrackNode", "generate", "audio"),
        ("elevenLabsVoiceoverNode", "generate", "audio"),
        ("meshyTextureNode", "generate", "3d"),
        ("claudeHaikuNode", "generate", "text"),
        ("gptImageMiniNode", "generate", "image"),
        ("RunwayGen4", "generate", "video"),
        ("bannerMakerNode", "generate", "image"),
        ("scriptWriterNode", "generate", "text"),
        ("voiceoverNode", "generate", "audio"),
        ("virtualTryOnNode", "generate", "image"),
        ("backgroundRemoverNode", "transform", "image"),
        ("SUPIR_Upscale", "transform", "image"),
        ("FaceDetailer", "transform", "image"),
        ("videoMergeNode", "transform", "video"),
        ("imageCropNode", "transform", "image"),
        ("imageUploadNode", "input", "image"),
        ("textInputNode", "input", "text"),
        ("LoadAudioFile", "input", "audio"),
        ("SaveVideoToDisk", "output", "video"),
        ("Image Preview Panel", "output", "image"),
        ("switchNode", "control", None),
        ("floatConstantNode", "control", "data"),
        ("colorPickerNode", "control", "data"),
        ("imageSafetyCheckNode", "control", "image"),
        ("Load Acme Segmentation Model", "control", None),
        ("LoadFluxWeightsFromDisk", "control", None),
        ("Load Photo of a Person", "input", "image"),
        ("xqzzt", "unknown", None),
        ("", "unknown", None),
        ("节点", "unknown", None),
    ],
)
def test_words_give_role_and_output_modality(type_name, role, gives):
    reading = WORDS.read(type_name)
    assert (reading.role, reading.gives) == (role, (gives,) if gives else ())


@pytest.mark.parametrize(
    ("type_names", "gives"),
    [
        # a verb of making names what comes out, the noun beside it what goes in
        (["vectorizeImageNode", "logoVectorizer", "recraft/vectorize"], "vector"),
        (["animatePhotoNode", "talkingImageNode", "heygen-talking-image"], "video"),
        (["speechRecognitionNode", "recognizeSpeech", "lyricsWriterNode"], "text"),
        # a model in 3D stays one when it is animated
        (["MeshyAnimateModel", "tripoAnimate", "tripoImportModel"], "3d"),
        # a named medium beats the word for how
        (["heygen-video-translate", "videoTranslateNode", "videoDubbingNode", "burnCaptionsNode"], "video"),
        (["elevenLabsTextToDialogue", "textToDialogueNode", "elevenLabsDubbing"], "audio"),
        # text that is drawn on a picture gives a picture
        (["drawTextNode", "textOverlayNode", "textWatermark", "CompositeTextNode"], "image"),
        # what is done to pictures alone gives a picture, until a video is put in
        (["adjustBrightness", "sharpenNode", "halftoneFilter", "vignette"], "image"),
        # a map of depth is a picture, whatever its model is called
        (["FaceMeshPreprocessor", "Metric4D_3D_DepthMap"], "image"),
        # what a model is shown is not what it makes
        (["klingImageReferenceNode", "hedraCharacter"], "video"),
        (["geminiImageUrl", "claudeImageFile"], "text"),
        # the maker of a model, not its host, says what it makes
        (["MiniMax_fal", "replicateLumaNode"], "video"),
        (["fal-ai/flux-lora"], "image"),
        # a head noun of a value gives no medium, nor does a setting of a service, or what it keeps for later
        (
            ["videoInfoNode", "imageLength", "portraitSettings", "klingCameraControls", "openAIChatConfig"],
            None,
        ),
        (["byteDanceCreateImageAsset", "resizeMethod"], None),
        # an "and" between verbs leaves what is done with to the noun behind both
        (["LoadAndResizePhoto", "cropAndSaveImage"], "image"),
        # a syllable of a compound name gives no data
        (["SeedVR2Upscale", "superResolutionNode"], None),
        (["ControlNetPreprocessor", "wildPainterNode"], "image"),
        (["wildcardsNode", "regexReplace"], "text"),
    ],
)
def test_head_nouns_and_verbs_give_the_output_modality(type_names: list[str], gives: str | None) -> None:
    media = {name: {*WORDS.read(name).gives} - {"data"} for name in type_names}
    assert media == dict.fromkeys(type_names, {gives} - {None})


MODEL_IDS = {
    "image": """bria-bg-remove flux-2-flex flux-pro-kontext gemini-2.5-flash-image gpt-image-2-edit-image
        ideogram-v3-remix ideogram-character imagen-4.0-ultra-generate-001 nano-banana-2 nano-banana-pro-edit
        seedream-4.5-edit""",
    "video": """kling-v3-pro-image-to-video kling-v25-text-to-video kling-v26-motion-control kling-ai-avatar
        minimax-image-to-video omnihuman-v15 seedance-2.0-fast-image-to-video veo3-first-frame-to-video
        veo3-keyframe-to-video wan-2.6-reference-to-video sync-lipsync""",
    "audio": "eleven_music eleven_v3",
}


@pytest.mark.parametrize(
    ("name", "gives"), [(name, gives) for gives, names in MODEL_IDS.items() for name in names.split()]
)
def test_a_model_id_as_type_gives_its_output_modality(name: str, gives: str) -> None:
    """So does the same in camel case, with "Node" behind it."""
    first, *rest = name.replace(".", "-").replace("_", "-").split("-")
    camel = first + "".join(map(str.capitalize, rest)) + "Node"
    assert [WORDS.read(each).gives for each in (name, camel)] == [(gives,)] * 2
    assert {WORDS.read(each).role for each in (name, camel)} <= {"generate", "transform"}


@pytest.mark.parametrize(
    ("type_name", "task"),
    [
        ("virtualTryOnNode", "try-on"),
        ("CatVTONFlux", "try-on"),
        ("IDM_VTON_Pipeline", "try-on"),
        ("OOTDiffusionRun", "try-on"),
        ("VTONAPI", "try-on"),
        ("outfitChangerNode", "try-on"),
        ("garmentToModelNode", "try-on"),
        ("sareeDrapeNode", "try-on"),
        ("leffaVitonNode", "try-on"),
        ("outfitSwapNode", "try-on"),
        ("sareeTryon", "try-on"),
        ("fashnV2", "try-on"),
        ("虚拟试衣", "try-on"),
        ("UltimateSDUpscale", "upscale"),
        ("rifeInterpolator", "interpolate"),
        ("bgRemoverPro", "remove-background"),
        ("imageCaptioner", "caption"),
        ("tryAgainNode", None),
    ],
)
def test_words_give_the_task(type_name, task):
    assert WORDS.read(type_name).task == task


@pytest.mark.parametrize(
    ("type_name", "part"),
    [
        ("easy kSampler", "sampler"),
        ("CogVideoSampler", "sampler"),
        ("KSamplerSelect", None),
        ("HunyuanVAEDecode", "decoder"),
        ("VAEEncodeTiledX", "encoder"),
        ("CLIPTextEncodePlus", "conditioning"),
        ("ControlNetApplyHint", "conditioning"),
        ("EmptyMochiLatentVideo", "latent"),
        ("CheckpointLoaderXL", "model"),
        ("UnetLoaderGGUF", "model"),
        ("UpscaleModelLoader", "aux"),
        ("LoadImage", None),
        ("ModelSamplingAcme", "patch"),
    ],
)
def test_words_give_the_parts_of_a_spelled_out_model(type_name, part):
    assert WORDS.read(type_name).part == part


@pytest.mark.parametrize(
    ("type_name", "gives"),
    [
        ("FluxVideoEdit", "video"),
        ("LumaImageNode", "image"),
        ("GeminiImage2Node", "image"),
        ("Rodin3DFromImage", "3d"),
        ("OpenAIVideoSora", "video"),
    ],
)
def test_a_medium_in_the_name_overrides_the_vendors_default(type_name, gives):
    assert WORDS.read(type_name).gives == (gives,)


def test_words_after_with_or_from_are_not_outputs():
    assert WORDS.read("VideoWithAudioNode").gives == ("video",)
    assert WORDS.read("VideoFromImages").gives == ("video",)


def test_x_to_y_has_input_x_and_output_y():
    reading = WORDS.read("acmeImageToVideoWithAudio")
    assert (reading.takes, reading.gives) == (("image",), ("video",))


def test_labels_name_garments_and_persons():
    assert WORDS.subjects("Upload the model photo and a dress") == {"garment", "person"}
    assert WORDS.subjects("Address") == frozenset()


@pytest.mark.parametrize(
    ("type_name", "shown"),
    [
        ("klingVideoNode", "Kling Video"),
        ("elevenlabs_tts_v2", "ElevenLabs TTS V2"),
        ("aiDesignerNode", "AI Designer"),
        ("node", "Node"),
        ("!!!", "!!!"),
    ],
)
def test_types_are_made_readable(type_name, shown):
    assert readable(type_name) == shown


def test_users_add_words_models_and_whole_types():
    assert pickle.loads(pickle.dumps(WORDS)) is WORDS
    more = WORDS.extended(
        {
            "media": {"image": ["zibble"]},
            "families": {"acme": {"name": "Acme", "gives": "video", "words": ["acme"]}},
            "types": {"q7": {"role": "generate", "gives": ["audio"]}},
        }
    )
    assert more.read("makeZibble").gives == ("image",)
    assert more.read("acmeNode").gives == ("video",)
    assert more.read("q7")[:1] == ("generate",)
    assert more.read("q7").gives == ("audio",)
    assert WORDS.read("acmeNode").role == "unknown"


@pytest.mark.parametrize(
    ("tables", "field"),
    [
        ({"medium": {"image": ["x"]}}, "vocabulary.medium"),
        ({"media": {"picture": ["x"]}}, "vocabulary.media.picture"),
        ({"media": {"image": "x"}}, "vocabulary.media.image"),
        ({"families": {"acme": {"gives": "film", "words": ["acme"]}}}, "vocabulary.families.acme.name"),
        (
            {"families": {"acme": {"name": "Acme", "gives": "film", "words": ["acme"]}}},
            "vocabulary.families.acme.gives",
        ),
        ({"tasks": {"dream": {"role": "sleep", "words": ["dream"]}}}, "vocabulary.tasks.dream.role"),
        ({"types": {"q7": {"role": "sleep"}}}, "vocabulary.types.q7.role"),
        ({"types": {"q7": "generate"}}, "vocabulary.types.q7"),
    ],
)
def test_a_wrong_word_list_names_its_field(tables, field):
    with pytest.raises(ConfigError) as caught:
        WORDS.extended(tables)
    assert caught.value.field == field


def test_the_words_that_are_loaded_are_those_that_people_edit():
    """`python tests/words.py` writes the JSON again."""
    assert words.TARGET.read_text("utf-8") == words.text()


def test_the_words_of_the_package_pass_the_checks_that_those_of_users_pass():
    """They are not checked when they are loaded, which takes longer than all else that is done with them."""
    text = files("lamina_graph.vocabulary").joinpath("words.toml").read_text(encoding="utf-8")
    assert completed(tomllib.loads(text)) == checked(tomllib.loads(text), "words.toml")


def test_a_vocabulary_survives_a_trip_between_processes():
    more = WORDS.extended({"media": {"image": ["zibble"]}})
    again = pickle.loads(pickle.dumps(more))
    assert again == more
    assert again.read("makeZibble") == more.read("makeZibble")


def test_every_phrase_of_the_package_is_found_in_its_own_text():
    """A phrase in capitals, or with signs that no word holds, would never be found."""
    text = files("lamina_graph.vocabulary").joinpath("words.toml").read_text(encoding="utf-8")
    phrases = {phrase for phrase, _ in meanings(tomllib.loads(text) | {"tasks": {}})}
    phrases |= {phrase for task in tomllib.loads(text)["tasks"].values() for phrase in task["words"]}
    assert [phrase for phrase in phrases if "".join(split_words(phrase)) != phrase.replace(" ", "")] == []


def test_the_word_list_contains_no_whole_type_names():
    text = (
        Path(__file__).parents[1].joinpath("lamina_graph/vocabulary/words.toml").read_text(encoding="utf-8")
    )
    assert not [line for line in text.splitlines() if "Node" in line.replace("StoryDiffusion", "")]


@given(st.text(max_size=300))
def test_any_text_can_be_interpreted(text):
    reading = WORDS.read(text)
    assert reading.role in ROLES
    assert reading.part in {None, *PARTS}
    assert set(reading.gives) <= set(MODALITIES)
    assert 0 <= reading.certainty <= 1


@given(
    st.lists(
        st.sampled_from(["kling", "video", "image", "try", "on", "node", "upscale", "x"]),
        min_size=1,
        max_size=5,
    )
)
def test_spelling_does_not_matter(parts):
    camel = parts[0] + "".join(part.capitalize() for part in parts[1:])
    snake = "_".join(parts)
    assert WORDS.read(camel) == WORDS.read(snake)


def test_a_huge_type_is_read_by_its_beginning():
    assert len("".join(split_words("a" * 1_000_000))) == LONGEST_TYPE
